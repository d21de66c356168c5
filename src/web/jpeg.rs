//! Pictures from phones: what may be kept of them.
//!
//! # Why
//! The phone draws the picture anew on a canvas, which leaves place, time and camera behind. A client can be another than ours,
//! so the same is made sure of here: the file is walked segment by segment, and what is not needed to draw it is left out. Decoding
//! and encoding it again was rejected: a decoder is a large thing to stand before bytes from outside, and pixels can hide nothing
//! that the crew did not photograph.

/// Largest picture taken: 1 280 pixels on its long side at the quality that the phone uses stay well below.
pub const SIZE_MAX: usize = 512 * 1024;
/// Longest side, pixels.
const SIDE_MAX: u16 = 1_280;

/// Why a picture is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JpegError {
    /// Other bytes.
    #[error("the body is no JPEG: {0}; send `image/jpeg`")]
    NotJpeg(&'static str),
    /// Too many bytes.
    #[error("the picture has {0} bytes; at most {SIZE_MAX} are taken; make it smaller")]
    TooLarge(usize),
    /// Too many pixels.
    #[error("the picture is {0} x {1} pixels; its long side may have {SIDE_MAX}; make it smaller")]
    TooWide(u16, u16),
}

/// Gives the picture with nothing but what draws it: comments, camera data, thumbnails, profiles and trailing bytes are left out.
///
/// # Errors
/// When it is no JPEG, or too large.
pub fn cleaned(bytes: &[u8]) -> Result<Vec<u8>, JpegError> {
    if bytes.len() > SIZE_MAX {
        return Err(JpegError::TooLarge(bytes.len()));
    }
    let Some(mut rest) = bytes.strip_prefix(&[0xff, 0xd8]) else {
        return Err(JpegError::NotJpeg("it does not begin like one"));
    };
    let mut kept = vec![0xff, 0xd8];
    let mut framed = false;
    loop {
        let [0xff, marker, after @ ..] = rest else {
            return Err(JpegError::NotJpeg("a segment is broken"));
        };
        match marker {
            // Fill bytes before a marker.
            0xff => {
                rest = &rest[1..];
                continue;
            }
            0xd9 => {
                kept.extend([0xff, 0xd9]);
                return if framed { Ok(kept) } else { Err(JpegError::NotJpeg("it holds no picture")) };
            }
            0x00 | 0x01 | 0xd0..=0xd8 => return Err(JpegError::NotJpeg("a marker stands where none may")),
            _ => {}
        }
        let [high, low, ..] = after else {
            return Err(JpegError::NotJpeg("it ends early"));
        };
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let Some(segment) = after.get(2..length.max(2)).filter(|_| length >= 2) else {
            return Err(JpegError::NotJpeg("it ends early"));
        };
        rest = &after[length..];
        if is_frame(*marker) {
            let [_, h1, h2, w1, w2, ..] = segment else {
                return Err(JpegError::NotJpeg("its size cannot be read"));
            };
            let (height, width) = (u16::from_be_bytes([*h1, *h2]), u16::from_be_bytes([*w1, *w2]));
            if width == 0 || height == 0 {
                return Err(JpegError::NotJpeg("its size is not stated"));
            }
            if width.max(height) > SIDE_MAX {
                return Err(JpegError::TooWide(width, height));
            }
            framed = true;
        }
        if is_needed(*marker, segment) {
            kept.extend([0xff, *marker, *high, *low]);
            kept.extend_from_slice(segment);
        }
        if *marker == 0xda {
            let length = scan_length(rest);
            kept.extend_from_slice(&rest[..length]);
            rest = &rest[length..];
        }
    }
}

/// Start of frame, with the picture's size (ITU-T T.81, table B.1).
const fn is_frame(marker: u8) -> bool {
    matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc)
}

/// Tells whether a decoder needs the segment: tables, frame, scan; the file's mark without its thumbnail; the colour transform.
fn is_needed(marker: u8, segment: &[u8]) -> bool {
    match marker {
        0xc0..=0xcf | 0xda..=0xdf => true,
        0xe0 => segment.starts_with(b"JFIF\0") && segment.len() == 14,
        0xee => segment.starts_with(b"Adobe") && segment.len() == 12,
        _ => false,
    }
}

/// Gives how many bytes of coded picture stand before the next marker.
fn scan_length(bytes: &[u8]) -> usize {
    let next = bytes.windows(2).position(|pair| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xd0..=0xd7));
    next.unwrap_or(bytes.len())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A picture of one grey block, with what a camera and a stranger add.
    pub fn picture(width: u16, height: u16, extra: &[(u8, &[u8])]) -> Vec<u8> {
        let mut bytes = vec![0xff, 0xd8];
        let mut segment = |marker: u8, body: &[u8]| {
            bytes.extend([0xff, marker]);
            bytes.extend(u16::try_from(body.len() + 2).unwrap().to_be_bytes());
            bytes.extend(body);
        };
        segment(0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0");
        for (marker, body) in extra {
            segment(*marker, body);
        }
        segment(0xdb, &[[0].as_slice(), &[16; 64]].concat());
        let ([h1, h2], [w1, w2]) = (height.to_be_bytes(), width.to_be_bytes());
        segment(0xc0, &[8, h1, h2, w1, w2, 1, 1, 0x11, 0]);
        segment(0xc4, &[[0].as_slice(), &[1], &[0; 15], &[0]].concat());
        segment(0xc4, &[[0x10].as_slice(), &[1], &[0; 15], &[0]].concat());
        segment(0xda, &[1, 1, 0, 0, 63, 0]);
        bytes.extend([0x3f, 0xff, 0x00, 0xff, 0xd9]);
        bytes
    }

    #[test]
    fn a_plain_picture_stays_as_it_is() {
        let plain = picture(8, 8, &[]);
        assert_eq!(cleaned(&plain), Ok(plain));
    }

    #[test]
    fn what_a_camera_adds_is_left_out() {
        let told = picture(
            8,
            8,
            &[(0xe1, b"Exif\0\0GPS 21.03 N"), (0xfe, b"chu nha"), (0xe2, b"ICC_PROFILE\0"), (0xed, b"8BIM")],
        );
        let mut told = [told.as_slice(), b"trailing motion picture"].concat();
        assert_eq!(cleaned(&told), Ok(picture(8, 8, &[])));
        told.insert(2, 0xff);
        assert_eq!(cleaned(&told), Ok(picture(8, 8, &[])), "fill bytes are legal");
    }

    #[test]
    fn what_is_no_small_jpeg_is_refused_in_words() {
        for (bytes, told) in [
            (b"\x89PNG\r\n".to_vec(), "does not begin"),
            (picture(8, 8, &[])[..40].to_vec(), "ends early"),
            (vec![0xff, 0xd8, 0xff, 0xd9], "no picture"),
            (picture(4_000, 3_000, &[]), "4000 x 3000"),
            (vec![0xff; SIZE_MAX + 1], "524289 bytes"),
        ] {
            let refused = cleaned(&bytes).expect_err("refused").to_string();
            assert!(refused.contains(told), "{refused}");
        }
    }

    #[test]
    fn no_bytes_make_it_panic() {
        let whole = picture(8, 8, &[(0xe1, b"Exif")]);
        for at in 0..whole.len() {
            for value in [0x00, 0x01, 0xd9, 0xda, 0xff] {
                let mut bytes = whole.clone();
                bytes[at] = value;
                drop(cleaned(&bytes));
                drop(cleaned(&bytes[..at]));
            }
        }
    }
}
