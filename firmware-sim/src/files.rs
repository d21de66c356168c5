//! The commune's file and the CSV imports, as the published contract names their columns.

use crate::calendar::{Stream, local_time};
use crate::commune::{Commune, DeviceKind, Dwelling, Mode};
use crate::fieldwork::Fieldwork;
use jiff::civil::Date;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Code of the commune modelled.
pub const COMMUNE_CODE: &str = "11779";

/// A first bag settles 5 to 15 s after its card is read, and nearly all others as soon after a card shown again; whoever
/// runs these stations has timed that. Later weights are mostly the next person's, whose card was not read.
const AFTER_READ_S: &str = "20";
/// At these stations the card is always shown first: a weight ahead of a read is never its own.
const BEFORE_READ_S: &str = "0";

/// Why the files could not be written.
#[derive(Debug, Error)]
pub enum FilesError {
    /// The directory or a file cannot be written.
    #[error("cannot write `{}`: {cause}; check that the directory exists and is writable", path.display())]
    Write {
        /// Where.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// A row cannot be written.
    #[error("cannot write a row of `{}`: {cause}", path.display())]
    Row {
        /// Where.
        path: PathBuf,
        /// What the writer says.
        cause: csv::Error,
    },
}

impl Commune {
    /// Writes `commune.toml` and one CSV a kind (`areas.csv` … `exclusions.csv`) into `dir`, which is made
    /// if missing. Existing files are replaced.
    ///
    /// # Errors
    /// The directory or a file cannot be written.
    pub fn write_files(&self, dir: &Path) -> Result<(), FilesError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |cause| FilesError::Write { path, cause }
        };
        std::fs::create_dir_all(dir).map_err(failed(dir))?;
        let file = dir.join("commune.toml");
        std::fs::write(&file, commune_toml()).map_err(failed(&file))?;
        let fieldwork = Fieldwork::generate(self);
        for (kind, columns, rows) in tables(self, &fieldwork) {
            let path = dir.join(format!("{kind}.csv"));
            let row_failed = |cause| FilesError::Row { path: path.clone(), cause };
            let mut writer = csv::Writer::from_path(&path).map_err(row_failed)?;
            writer.write_record(columns).map_err(row_failed)?;
            for row in rows {
                writer.write_record(&row).map_err(row_failed)?;
            }
            writer.flush().map_err(failed(&path))?;
        }
        Ok(())
    }
}

/// The text of `commune.toml`: simulated, three streams, targets of 2026 to 2030, the first rule.
#[must_use]
pub fn commune_toml() -> String {
    let mut text = format!(
        "[commune]\ncode = \"{COMMUNE_CODE}\"\nname = \"Tân Minh (mô phỏng)\"\ntime_zone = \"Asia/Ho_Chi_Minh\"\nsimulated = true\n"
    );
    let streams = [
        (Stream::Food, "Thực phẩm", "Food", true, "#009E73", 2_000),
        (Stream::Recyclable, "Tái chế", "Recyclable", true, "#56B4E9", 1_300),
        (Stream::Other, "Còn lại", "Other", false, "#E69F00", 2_000),
    ];
    for (stream, name, name_en, required, colour, mean_g) in streams {
        let code = stream.code();
        text.push_str(&format!(
            "\n[[stream]]\ncode = \"{code}\"\nname = \"{name}\"\nname_en = \"{name_en}\"\nrequired = {required}\ncolour = \"{colour}\"\nicon = \"{code}\"\nmean_g = {mean_g}\n"
        ));
    }
    for year in 2026..=2030 {
        text.push_str(&format!("\n[[target]]\nindicator = \"sorting_share\"\nyear = {year}\npercent = 100\n"));
    }
    text.push_str("\n[[rule]]\nversion = \"2026-1\"\neffective_from = \"2026-01-01\"\n");
    text.push_str(
        "\n[generation]\ngrams_per_person_day = 380\nsource = \"giả định của bản mô phỏng, giữa 0,31 và 0,45 kg/người/ngày\"\n",
    );
    for (code, name, kind) in [
        ("bac-phong", "Bãi chôn lấp Bắc Phong", "dump"),
        ("u-phan", "Trạm ủ phân hữu cơ", "plant"),
        ("tai-che", "Cơ sở tái chế", "plant"),
    ] {
        text.push_str(&format!("\n[[destination]]\ncode = \"{code}\"\nname = \"{name}\"\nkind = \"{kind}\"\n"));
    }
    text
}

type Table = (&'static str, &'static [&'static str], Vec<Vec<String>>);

fn tables(commune: &Commune, fieldwork: &Fieldwork) -> Vec<Table> {
    vec![
        ("areas", &["code", "name"], areas(commune)),
        ("points", &["code", "name", "area", "lat", "lon"], points(commune)),
        ("routes", &["route", "household", "order"], Vec::new()),
        (
            "households",
            &["code", "area", "head_name", "address", "people", "point", "valid_from", "valid_to"],
            households(commune),
        ),
        ("tags", &["uid", "household", "tech", "valid_from", "valid_to"], tags(commune)),
        (
            "devices",
            &[
                "device",
                "place",
                "kind",
                "station",
                "profile",
                "mode",
                "stream",
                "max_g",
                "division_g",
                "min_g",
                "verified_until",
                "after_read_s",
                "before_read_s",
            ],
            devices(commune),
        ),
        (
            "schedule",
            &["place", "stream", "weekdays", "every_weeks", "start", "end", "valid_from", "valid_to"],
            schedule(commune),
        ),
        ("pathways", &["household", "stream", "pathway", "level", "on", "by"], pathways(commune, fieldwork)),
        ("findings", &["household", "stream", "finding", "at", "by"], findings(commune, fieldwork)),
        ("visits", &["household", "on", "result", "stream", "by"], visits(commune, fieldwork)),
        ("exclusions", &["household", "reason", "from", "to", "by"], exclusions(commune, fieldwork)),
    ]
}

fn areas(commune: &Commune) -> Vec<Vec<String>> {
    commune.areas.iter().map(|area| vec![area.code.clone(), area.name.clone()]).collect()
}

fn points(commune: &Commune) -> Vec<Vec<String>> {
    let degrees = |udeg: i64| format!("{}.{:06}", udeg / 1_000_000, udeg % 1_000_000);
    let row = |point: &crate::commune::Point| {
        let (lat, lon) = point.position_udeg;
        let area = commune.areas[point.area].code.clone();
        vec![point.code.clone(), point.name.clone(), area, degrees(lat), degrees(lon)]
    };
    commune.points.iter().map(row).collect()
}

/// A household that moves within the commune has a row for each of its houses, as a register keeps them.
fn households(commune: &Commune) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for household in &commune.households {
        let mut row = |area: usize, point: usize, address: &str, from: Date, to: Option<Date>| {
            rows.push(vec![
                household.code.clone(),
                commune.areas[area].code.clone(),
                household.head_name.clone(),
                address.to_owned(),
                household.people.to_string(),
                commune.points[point].code.clone(),
                from.to_string(),
                to.map(|to| to.to_string()).unwrap_or_default(),
            ]);
        };
        let left = household.moved.as_ref().map(|dwelling| dwelling.from).or(household.valid_to);
        row(household.area, household.point, &household.address, household.valid_from, left);
        if let Some(Dwelling { from, area, point, address }) = &household.moved {
            row(*area, *point, address, *from, household.valid_to);
        }
    }
    rows
}

fn tags(commune: &Commune) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for household in &commune.households {
        for card in &household.cards {
            rows.push(vec![
                card.uid.to_string(),
                household.code.clone(),
                "hf".to_owned(),
                card.valid_from.to_string(),
                card.valid_to.map(|to| to.to_string()).unwrap_or_default(),
            ]);
        }
    }
    rows
}

fn devices(commune: &Commune) -> Vec<Vec<String>> {
    let row = |device: &crate::commune::Device| {
        let kind = match device.kind {
            DeviceKind::Combined => "combined",
            DeviceKind::TagReader => "tag_reader",
            DeviceKind::Scale => "scale",
        };
        let mode = match device.mode {
            Mode::Platform => "platform",
            Mode::Bin => "bin",
        };
        let grams = |pick: fn(crate::commune::Capacity) -> i64| {
            device.capacity.map(|capacity| pick(capacity).to_string()).unwrap_or_default()
        };
        let verified = device.capacity.map(|_| device.verified_until.to_string());
        vec![
            device.code.clone(),
            commune.points[device.point].code.clone(),
            kind.to_owned(),
            device.station.clone(),
            "native".to_owned(),
            mode.to_owned(),
            device.stream.map(|stream| stream.code().to_owned()).unwrap_or_default(),
            grams(|c| c.max_g),
            grams(|c| c.division_g),
            grams(|c| c.min_g),
            verified.unwrap_or_default(),
            AFTER_READ_S.to_owned(),
            BEFORE_READ_S.to_owned(),
        ]
    };
    commune.devices.iter().map(row).collect()
}

fn schedule(commune: &Commune) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for point in &commune.points {
        let (start, end) = point.window.clock();
        for round in &point.rounds {
            rows.push(vec![
                point.code.clone(),
                round.stream.code().to_owned(),
                round.weekdays_text(),
                round.every_weeks.to_string(),
                start.clone(),
                end.clone(),
                commune.origin.date().to_string(),
                String::new(),
            ]);
        }
    }
    rows
}

fn pathways(commune: &Commune, fieldwork: &Fieldwork) -> Vec<Vec<String>> {
    let row = |pathway: &crate::fieldwork::Pathway| {
        vec![
            commune.households[pathway.household].code.clone(),
            pathway.stream.code().to_owned(),
            pathway.pathway.to_owned(),
            if pathway.is_verified { "verified" } else { "declared" }.to_owned(),
            pathway.on.to_string(),
            pathway.by.clone(),
        ]
    };
    fieldwork.pathways.iter().map(row).collect()
}

fn findings(commune: &Commune, fieldwork: &Fieldwork) -> Vec<Vec<String>> {
    let row = |finding: &crate::fieldwork::Finding| {
        vec![
            commune.households[finding.household].code.clone(),
            finding.stream.map(|stream| stream.code().to_owned()).unwrap_or_default(),
            finding.finding.to_owned(),
            local_time(finding.at_ms),
            finding.by.clone(),
        ]
    };
    fieldwork.findings.iter().map(row).collect()
}

fn visits(commune: &Commune, fieldwork: &Fieldwork) -> Vec<Vec<String>> {
    let row = |visit: &crate::fieldwork::Visit| {
        vec![
            commune.households[visit.household].code.clone(),
            visit.on.to_string(),
            if visit.found_sorting { "sorting" } else { "not_sorting" }.to_owned(),
            visit.stream.map(|stream| stream.code().to_owned()).unwrap_or_default(),
            visit.by.clone(),
        ]
    };
    fieldwork.visits.iter().map(row).collect()
}

fn exclusions(commune: &Commune, fieldwork: &Fieldwork) -> Vec<Vec<String>> {
    let row = |exclusion: &crate::fieldwork::Exclusion| {
        vec![
            commune.households[exclusion.household].code.clone(),
            exclusion.reason.to_owned(),
            exclusion.from.to_string(),
            exclusion.to.map(|to| to.to_string()).unwrap_or_default(),
            exclusion.by.clone(),
        ]
    };
    fieldwork.exclusions.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commune::CommuneSpec;
    use jiff::civil::Date;

    fn written(seed: u64) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        let spec = CommuneSpec::sized(1_200, Date::constant(2026, 11, 23), 28, seed);
        Commune::generate(&spec).write_files(dir.path()).unwrap();
        dir
    }

    #[test]
    fn every_file_is_there_and_parses() {
        let dir = written(1);
        let text = std::fs::read_to_string(dir.path().join("commune.toml")).unwrap();
        let parsed: toml::Table = toml::from_str(&text).unwrap();
        assert_eq!(parsed["commune"]["simulated"].as_bool(), Some(true));
        assert_eq!(parsed["stream"].as_array().unwrap().len(), 3);
        assert_eq!(parsed["target"].as_array().unwrap().len(), 5);
        let kinds = [
            ("areas", 1),
            ("points", 1),
            ("routes", 0),
            ("households", 1_200),
            ("tags", 1_100),
            ("devices", 8),
            ("schedule", 20),
            ("pathways", 200),
            ("findings", 10),
            ("visits", 20),
            ("exclusions", 5),
        ];
        for (kind, least) in kinds {
            let mut reader = csv::Reader::from_path(dir.path().join(format!("{kind}.csv"))).unwrap();
            let rows = reader.records().map(Result::unwrap).count();
            assert!(rows >= least, "{kind}: {rows} rows");
        }
    }

    #[test]
    fn the_same_seed_writes_the_same_bytes() {
        let (one, two, other) = (written(1), written(1), written(2));
        let read = |dir: &tempfile::TempDir, name| std::fs::read(dir.path().join(name)).unwrap();
        for name in ["households.csv", "tags.csv", "visits.csv", "findings.csv", "pathways.csv"] {
            assert_eq!(read(&one, name), read(&two, name));
            assert_ne!(read(&one, name), read(&other, name));
        }
    }

    #[test]
    fn a_move_within_the_commune_is_two_rows_that_meet() {
        let mut spec = CommuneSpec::sized(600, Date::constant(2026, 11, 23), 28, 7);
        spec.habits.moves_within = 3_000;
        spec.habits.moves = 1_000;
        let commune = Commune::generate(&spec);
        let rows = households(&commune);
        let mut moved = 0;
        for household in commune.households.iter().filter(|household| household.moved.is_some()) {
            let own: Vec<&Vec<String>> = rows.iter().filter(|row| row[0] == household.code).collect();
            assert_eq!(own.len(), 2);
            assert_eq!(own[0][7], own[1][6], "the first row ends as the second begins");
            assert_ne!(own[0][5], own[1][5], "at another point");
            assert_eq!(own[1][7], household.valid_to.map(|to| to.to_string()).unwrap_or_default());
            moved += 1;
        }
        assert_eq!(rows.len(), 600 + moved);
        assert!(moved > 100, "{moved}");
    }
}
