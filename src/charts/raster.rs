//! The same picture as a PNG.

use std::sync::{Arc, OnceLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::fontdb::Database;
use resvg::usvg::{Options, Tree};

use super::Chart;
use super::canvas::DOTS_PER_PX;
use super::sheet::SHARE;
use super::text::{FAMILY, FONTS};

/// PNG pixels in an SVG pixel.
const SCALE: f32 = 2.0;
/// PNG pixels in an SVG pixel of a picture to share: 1200 x 630 in all.
const SCALE_SHARED: f32 = 1.5;

/// Why a picture has no PNG.
#[derive(Debug, thiserror::Error)]
pub enum NoPng {
    /// The SVG does not parse.
    #[error("the picture is not a readable svg: {0}")]
    Svg(#[from] resvg::usvg::Error),
    /// The size is beyond what memory holds.
    #[error("a picture of {width} x {height} px is too large")]
    Size {
        /// Width asked for.
        width: u32,
        /// Height asked for.
        height: u32,
    },
    /// The PNG could not be written.
    #[error("the png could not be written: {0}")]
    Encode(String),
}

/// Renders a chart at twice its size (one to share in 1200 x 630 pixels), with the font that ships with the program: the same bytes on every machine.
///
/// It takes some tens of milliseconds of computing, so an async caller puts it on a blocking thread.
pub fn png(chart: &Chart) -> Result<Vec<u8>, NoPng> {
    let options = Options { font_family: FAMILY.to_owned(), fontdb: Arc::clone(fonts()), ..Options::default() };
    let tree = Tree::from_str(&with_fixed_colours(&chart.svg), &options)?;
    let is_shared = tree.size().to_int_size().width().cast_signed() * DOTS_PER_PX == SHARE.0;
    let scale = if is_shared { SCALE_SHARED } else { SCALE };
    let size = tree.size().to_int_size().scale_by(scale).unwrap_or_else(|| tree.size().to_int_size());
    let (width, height) = (size.width(), size.height());
    let mut pixels = Pixmap::new(width, height).ok_or(NoPng::Size { width, height })?;
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| NoPng::Encode(error.to_string()))
}

fn fonts() -> &'static Arc<Database> {
    static DATABASE: OnceLock<Arc<Database>> = OnceLock::new();
    DATABASE.get_or_init(|| {
        let mut database = Database::new();
        for bytes in FONTS {
            database.load_font_data(bytes.to_vec());
        }
        database.set_sans_serif_family(FAMILY);
        Arc::new(database)
    })
}

/// Replaces a page's custom properties, which only a browser knows, by their fallback colours.
fn with_fixed_colours(svg: &str) -> String {
    let mut out = String::with_capacity(svg.len());
    let mut rest = svg;
    while let Some((before, after)) = rest.split_once("\"var(") {
        out.push_str(before);
        out.push('"');
        let (property, tail) = after.split_once(')').unwrap_or((after, ""));
        out.push_str(property.split_once(',').map_or(property, |(_, fallback)| fallback));
        rest = tail;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_colour_falls_back_to_its_light_one() {
        assert_eq!(with_fixed_colours("<a fill=\"var(--chart-x,#123456)\" b=\"c\"/>"), "<a fill=\"#123456\" b=\"c\"/>");
    }
}
