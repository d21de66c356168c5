//! How to sort: what the commune tells of each stream, or else what the product says of streams of its code.

use crate::domain::register::{Commune, Stream};
use crate::web::drawing::{stream_mark, stream_name};
use crate::web::lang::Lang;
use crate::web::texts::Texts;
use crate::web::views::public::GuideLine;

/// Tells how to sort each stream of the commune.
pub fn guides(commune: &Commune, lang: Lang, t: &Texts) -> Vec<GuideLine> {
    commune
        .streams
        .iter()
        .map(|stream| {
            let (colour, icon) = stream_mark(commune, stream.code.as_str());
            let (examples, how) = told(stream, lang);
            let name = stream_name(commune, stream.code.as_str(), lang, t);
            GuideLine { name, colour, icon, required: stream.required, examples, how }
        })
        .collect()
}

/// Gives what belongs to a stream and what to do with it; empty where nobody says.
fn told(stream: &Stream, lang: Lang) -> (String, String) {
    let guide = &stream.guide;
    let (own_examples, own_how) = match lang {
        Lang::Vi => (&guide.examples, &guide.how),
        Lang::En => (&guide.examples_en, &guide.how_en),
    };
    let p = &Texts::of(lang).public;
    let usual = match stream.code.as_str() {
        "food" => (p.food_examples, p.food_how),
        "recyclable" => (p.recyclable_examples, p.recyclable_how),
        "other" => (p.other_examples, p.other_how),
        "bulky" => (p.bulky_examples, p.bulky_how),
        "hazardous" => (p.hazardous_examples, p.hazardous_how),
        _ => ("", ""),
    };
    let or_usual = |own: &String, usual: &str| if own.is_empty() { usual.to_owned() } else { own.clone() };
    (or_usual(own_examples, usual.0), or_usual(own_how, usual.1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::register::StreamGuide;

    #[test]
    fn the_commune_s_own_words_go_before_the_usual_ones() {
        let of = |code: &str, guide| Stream {
            code: code.into(),
            name: "Thực phẩm".into(),
            name_en: "Food".into(),
            required: true,
            colour: "#009E73".into(),
            icon: "leaf".into(),
            mean_g: None,
            guide,
        };
        let own = StreamGuide { examples: "Vỏ vải".into(), ..StreamGuide::default() };
        let (examples, how) = told(&of("food", own.clone()), Lang::Vi);
        assert_eq!((examples.as_str(), how.as_str()), ("Vỏ vải", Texts::of(Lang::Vi).public.food_how));
        assert_eq!(told(&of("food", own), Lang::En).0, Texts::of(Lang::En).public.food_examples);
        assert_eq!(told(&of("giay", StreamGuide::default()), Lang::Vi), (String::new(), String::new()));
    }
}
