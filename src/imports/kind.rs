//! The kinds of files and their columns.

use crate::domain::state::word;

word!(
    /// A kind of file. In this order a commune is imported: each kind names only what the ones before hold.
    Kind {
        /// Hamlets.
        Areas = "areas",
        /// Collection points.
        Points = "points",
        /// Households.
        Households = "households",
        /// Stops of routes.
        Routes = "routes",
        /// Tags.
        Tags = "tags",
        /// Devices.
        Devices = "devices",
        /// The schedule.
        Schedule = "schedule",
        /// Home pathways.
        Pathways = "pathways",
        /// Findings.
        Findings = "findings",
        /// Visits.
        Visits = "visits",
        /// Exclusions from the denominator.
        Exclusions = "exclusions",
        /// Weighbridge tickets.
        Tickets = "tickets",
        /// Targets by year.
        Targets = "targets",
    }
);

/// A column of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name in the contract.
    pub name: &'static str,
    /// Every row must have it.
    pub required: bool,
    /// Other names, folded: lower case, no diacritics.
    pub aliases: &'static [&'static str],
}

const fn must(name: &'static str, aliases: &'static [&'static str]) -> Column {
    Column { name, required: true, aliases }
}

const fn may(name: &'static str, aliases: &'static [&'static str]) -> Column {
    Column { name, required: false, aliases }
}

const AREA: &[&str] = &["thon", "ma thon", "khu vuc", "xom", "to dan pho"];
const HOUSEHOLD: &[&str] = &["ma ho", "ho", "ho gia dinh"];
const STREAM: &[&str] = &["nhom", "nhom chat thai", "ma nhom", "loai rac"];
const FROM: &[&str] = &["tu ngay", "hieu luc tu", "ngay bat dau"];
const TO: &[&str] = &["den ngay", "hieu luc den", "ngay ket thuc"];
const BY: &[&str] = &["nguoi ghi", "nguoi lap", "nguoi thuc hien", "can bo"];
const PLACE: &[&str] = &["dia diem", "diem thu gom", "noi thu gom", "diem hoac tuyen"];
const ON: &[&str] = &["ngay", "vao ngay"];
const AT: &[&str] = &["thoi gian", "luc", "thoi diem"];

const AREAS: &[Column] = &[
    must("code", &["ma", "ma thon"]),
    must("name", &["ten", "ten thon", "thon"]),
    may("valid_from", FROM),
    may("valid_to", TO),
];
const POINTS: &[Column] = &[
    must("code", &["ma", "ma diem", "ma diem thu gom"]),
    must("name", &["ten", "ten diem", "diem thu gom"]),
    must("area", AREA),
    may("lat", &["vi do", "latitude"]),
    may("lon", &["kinh do", "longitude", "lng"]),
    may("valid_from", FROM),
    may("valid_to", TO),
];
const ROUTES: &[Column] = &[
    must("route", &["tuyen", "ma tuyen", "tuyen thu gom"]),
    must("household", HOUSEHOLD),
    must("order", &["thu tu", "stt"]),
    may("valid_from", FROM),
    may("valid_to", TO),
];
const HOUSEHOLDS: &[Column] = &[
    must("code", &["ma", "ma ho", "ho"]),
    must("area", AREA),
    may("head_name", &["chu ho", "ten chu ho", "ho ten chu ho", "ho va ten", "ho va ten chu ho"]),
    may("address", &["dia chi"]),
    may("people", &["nhan khau", "so nhan khau", "so nguoi"]),
    may("point", &["diem thu gom", "ma diem", "ma diem thu gom", "diem"]),
    must("valid_from", FROM),
    may("valid_to", TO),
];
const TAGS: &[Column] = &[
    must("uid", &["ma the", "the", "so the"]),
    must("household", HOUSEHOLD),
    may("tech", &["loai the", "cong nghe"]),
    must("valid_from", FROM),
    may("valid_to", TO),
];
const DEVICES: &[Column] = &[
    must("device", &["thiet bi", "ma thiet bi"]),
    must("place", PLACE),
    must("kind", &["loai", "loai thiet bi"]),
    may("station", &["tram", "tram can", "ma tram"]),
    may("profile", &["giao thuc", "cau hinh"]),
    may("mode", &["che do", "che do can"]),
    may("stream", STREAM),
    may("max_g", &["muc can lon nhat (g)", "muc can lon nhat"]),
    may("division_g", &["gia tri do chia (g)", "gia tri do chia", "do chia"]),
    may("min_g", &["muc can nho nhat (g)", "muc can nho nhat"]),
    may("verified_until", &["kiem dinh den", "han kiem dinh", "hieu luc kiem dinh"]),
    may("after_read_s", &["sau khi doc the (s)", "sau khi doc the"]),
    may("before_read_s", &["truoc khi doc the (s)", "truoc khi doc the"]),
    may("together_s", &["doc cung luc (s)", "doc cung luc"]),
    may("valid_from", FROM),
    may("valid_to", TO),
];
const SCHEDULE: &[Column] = &[
    must("place", PLACE),
    must("stream", STREAM),
    must("weekdays", &["thu", "ngay trong tuan", "cac thu"]),
    may("every_weeks", &["so tuan", "chu ky tuan", "moi may tuan"]),
    must("start", &["bat dau", "gio bat dau", "tu gio"]),
    must("end", &["ket thuc", "gio ket thuc", "den gio"]),
    must("valid_from", FROM),
    may("valid_to", TO),
];
const PATHWAYS: &[Column] = &[
    must("household", HOUSEHOLD),
    must("stream", STREAM),
    must("pathway", &["cach xu ly", "cach xu ly tai nha"]),
    must("level", &["muc", "muc bang chung"]),
    must("on", ON),
    must("by", BY),
];
const FINDINGS: &[Column] = &[
    must("household", HOUSEHOLD),
    may("stream", STREAM),
    must("finding", &["phat hien", "ket qua"]),
    must("at", AT),
    must("by", BY),
];
const VISITS: &[Column] = &[
    must("household", HOUSEHOLD),
    must("on", ON),
    must("result", &["ket qua"]),
    may("stream", STREAM),
    must("by", BY),
];
const EXCLUSIONS: &[Column] =
    &[must("household", HOUSEHOLD), must("reason", &["ly do"]), must("from", FROM), may("to", TO), must("by", BY)];
const TARGETS: &[Column] = &[
    must("indicator", &["chi so"]),
    must("year", &["nam"]),
    must("percent", &["muc tieu", "muc tieu (%)", "phan tram"]),
];
const TICKETS: &[Column] = &[
    must("ticket", &["so phieu", "phieu", "phieu can"]),
    must("vehicle", &["xe", "bien so", "bien so xe"]),
    must("at", AT),
    must("stream", STREAM),
    must("gross_g", &["tong khoi luong (g)", "khoi luong tong (g)", "khoi luong ca xe (g)"]),
    must("tare_g", &["khoi luong bi (g)", "bi (g)", "khoi luong xe (g)"]),
    must("destination", &["noi den", "noi tiep nhan", "diem den"]),
    may("by", BY),
];

impl Kind {
    /// Gives the word of the statements that the file holds. `None`: it holds rows of the register.
    pub const fn statement(self) -> Option<&'static str> {
        match self {
            Self::Pathways => Some("pathway"),
            Self::Findings => Some("finding"),
            Self::Visits => Some("visit"),
            Self::Tickets => Some("ticket"),
            Self::Areas
            | Self::Points
            | Self::Households
            | Self::Routes
            | Self::Tags
            | Self::Devices
            | Self::Schedule
            | Self::Exclusions
            | Self::Targets => None,
        }
    }

    /// Gives the word of the register's rows that the file holds. `None`: it holds statements.
    pub const fn row(self) -> Option<&'static str> {
        match self {
            Self::Areas => Some("area"),
            Self::Points => Some("point"),
            Self::Households => Some("household"),
            Self::Routes => Some("route"),
            Self::Tags => Some("tag"),
            Self::Devices => Some("device"),
            Self::Schedule => Some("schedule"),
            Self::Exclusions => Some("exclusion"),
            Self::Targets => Some("target"),
            Self::Pathways | Self::Findings | Self::Visits | Self::Tickets => None,
        }
    }

    /// Gives the columns, in the order of the contract.
    pub const fn columns(self) -> &'static [Column] {
        match self {
            Self::Areas => AREAS,
            Self::Points => POINTS,
            Self::Routes => ROUTES,
            Self::Households => HOUSEHOLDS,
            Self::Tags => TAGS,
            Self::Devices => DEVICES,
            Self::Schedule => SCHEDULE,
            Self::Pathways => PATHWAYS,
            Self::Findings => FINDINGS,
            Self::Visits => VISITS,
            Self::Exclusions => EXCLUSIONS,
            Self::Tickets => TICKETS,
            Self::Targets => TARGETS,
        }
    }
}
