//! The interval of a share that was seen in part.

/// The 97.5 % point of the normal distribution: 95 % intervals.
pub(super) const Z_95: f64 = 1.959_963_984_540_054;
/// The 99.5 % point: 99 % intervals.
pub(super) const Z_99: f64 = 2.575_829_303_548_901;

/// Gives the Wilson limits (Wilson 1927, *Probable inference, the law of succession, and statistical inference*, Journal of the American
/// Statistical Association 22, 209-212) of a share that was seen among `of`, for a point `z` of the normal distribution.
pub(super) fn wilson(share: f64, of: f64, z: f64) -> (f64, f64) {
    let z2 = z * z;
    let centre = (share + z2 / (2.0 * of)) / (1.0 + z2 / of);
    let half = z / (1.0 + z2 / of) * (share * (1.0 - share) / of + z2 / (4.0 * of * of)).sqrt();
    ((centre - half).max(0.0), (centre + half).min(1.0))
}
