//! A commune of nothing but devices, and what they send.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use phanloai::app::{SystemClock, import, load_commune};
use phanloai::domain::register::Commune;
use phanloai::domain::time::Clock as _;
use phanloai::imports::Kind;
use phanloai::store::Store;

/// Bytes of a message: one event of the native profile, filled up with blanks.
pub const PAYLOAD_BYTES: usize = 200;
const LOG: &str = "9f1c22ab";
const COMMUNE: &str = "[commune]\ncode = \"B\"\nname = \"Bench\"\ntime_zone = \"Asia/Ho_Chi_Minh\"\nsimulated = true\n\n\
                       [[stream]]\ncode = \"food\"\nname = \"Thực phẩm\"\nrequired = true\n";

/// Gives a device's name.
pub fn name(device: usize) -> String {
    format!("bench-{device:03}")
}

/// Opens a database in `folder` with `devices` platform scales, each at a point of its own.
pub async fn open(folder: &Path, devices: usize) -> (Store, Commune) {
    let store = Store::open(&format!("sqlite://{}", folder.join("bench.db").display())).await.expect("a database");
    let file = folder.join("commune.toml");
    std::fs::write(&file, COMMUNE).expect("a file in the temporary folder");
    let commune = load_commune(&store, Some(&file)).await.expect("a valid commune");
    let mut points = String::from("code,name,area\n");
    let mut scales = String::from("device,place,kind,mode,max_g,division_g\n");
    for device in 0..devices {
        points.push_str(&format!("P{device},Point {device},A\n"));
        scales.push_str(&format!("{},P{device},scale,platform,60000,10\n", name(device)));
    }
    for (kind, text) in [(Kind::Areas, "code,name\nA,Hamlet\n"), (Kind::Points, &points), (Kind::Devices, &scales)] {
        import(&store, &commune, kind, text.as_bytes(), &SystemClock, "bench", false).await.expect("a valid file");
    }
    (store, commune)
}

/// Gives a message: one weight of a load of its own, a tenth of a second after the one before.
pub fn weight(seq: usize, begin_ms: i64) -> String {
    let ms = i64::try_from(seq * 100).expect("a bench is shorter than 2^63 milliseconds");
    let at_ms = begin_ms + ms;
    let text = format!(
        "{{\"log\":\"{LOG}\",\"boot\":1,\"simulated\":true,\"events\":[{{\"seq\":{seq},\"ms\":{ms},\"at\":{at_ms},\
         \"clock\":\"synced\",\"type\":\"weight\",\"gross_g\":3420,\"stable\":true,\"load\":{seq},\"stream\":\"food\"}}]}}"
    );
    format!("{text:<PAYLOAD_BYTES$}")
}

/// Gives the messages of a device, of the last hours.
pub fn messages(count: usize) -> Arc<Vec<Bytes>> {
    let begin_ms = SystemClock.now().ms() - 3 * 3_600_000;
    Arc::new((1..=count).map(|seq| Bytes::from(weight(seq, begin_ms))).collect())
}
