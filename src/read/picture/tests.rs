use proptest::prelude::*;

use super::*;

/// A segment of a JPEG file.
fn segment(marker: u8, contents: &[u8]) -> Vec<u8> {
    let length = u16::try_from(contents.len() + 2).unwrap().to_be_bytes();
    [&[0xFF, marker], &length[..], contents].concat()
}

/// A chunk of a PNG file.
fn chunk(kind: &[u8; 4], contents: &[u8]) -> Vec<u8> {
    PngChunk::new(*kind, contents.to_vec().into()).encoder().bytes().to_vec()
}

/// A chunk of a WebP file.
fn riff(kind: &[u8; 4], contents: &[u8]) -> Vec<u8> {
    let length = u32::try_from(contents.len()).unwrap().to_le_bytes();
    let pad: &[u8] = if contents.len() % 2 == 1 { &[0] } else { &[] };
    [&kind[..], &length, contents, pad].concat()
}

fn webp_of(chunks: &[Vec<u8>]) -> Vec<u8> {
    riff(b"RIFF", &[&b"WEBP"[..], &chunks.concat()].concat())
}

/// EXIF as a camera writes it: which way up, who, where.
fn exif(turn: u8) -> Vec<u8> {
    let mut exif = b"MM\0*\0\0\0\x08\0\x03".to_vec();
    exif.extend_from_slice(b"\x01\x0F\0\x02\0\0\0\x06\0\0\0\x32");
    exif.extend_from_slice(&[1, 0x12, 0, 3, 0, 0, 0, 1, 0, turn, 0, 0]);
    exif.extend_from_slice(b"\x88\x25\0\x04\0\0\0\x01\0\0\0\x40\0\0\0\0SECRET");
    exif
}

fn in_jpeg(turn: u8) -> Vec<u8> {
    segment(0xE1, &[b"Exif\0\0", &exif(turn)[..]].concat())
}

/// The bytes that are sent.
fn sent(file: &[u8]) -> Result<Vec<u8>, Unread> {
    let mut sent = Vec::new();
    for piece in pieces(file.to_vec())? {
        match piece {
            Piece::File(range) => sent.extend_from_slice(&file[range.start as usize..range.end as usize]),
            Piece::Made(bytes) => sent.extend_from_slice(&bytes),
        }
    }
    Ok(sent)
}

const SOI: &[u8] = &[0xFF, 0xD8];
const EOI: &[u8] = &[0xFF, 0xD9];
/// With stuffed bytes, a restart marker and fill bytes in it.
const SCAN: &[u8] = b"\x12\xFF\0\x34\xFF\xD0\x56\xFF\xFF";

#[test]
fn of_segments_that_nobody_knows_nothing_is_sent() {
    let frame = segment(0xC0, b"frame");
    let scan = segment(0xDA, b"scan");
    for marker in [0xF0, 0xF7, 0xFD, 0xE5, 0xFE] {
        let secret = segment(marker, b"SECRET");
        let file = [SOI, &secret, &frame, &secret, &scan, SCAN, &secret, &scan, SCAN, EOI].concat();
        let expected = [SOI, &frame[..], &scan, SCAN, &scan, SCAN, EOI].concat();
        assert!(sent(&file).unwrap() == expected, "{marker:X}");
    }
}

#[test]
fn a_jpeg_keeps_its_pixels_and_colours_alone() {
    let jfif = segment(0xE0, b"JFIF\0\x01\x02\0\0\x48\0\x48\0\0");
    let with_preview = segment(0xE0, b"JFIF\0\x01\x02\0\0\x48\0\x48\x01\x01RGB");
    let profile = segment(0xE2, b"ICC_PROFILE\0\x01\x01profile");
    let (adobe, tables, frame) =
        (segment(0xEE, b"Adobe\0d\0\0\0\0\x01"), segment(0xDB, b"tables"), segment(0xC0, b"f"));
    let (first, second) = (segment(0xDA, b"one"), segment(0xDA, b"two"));
    let secret = |marker| segment(marker, b"SECRET");
    let file = [
        SOI,
        &with_preview,
        &in_jpeg(1),
        &segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0SECRET"),
        &profile,
        &segment(0xE2, b"MPF\0SECRET"),
        &segment(0xED, b"Photoshop 3.0\08BIM\x04\x04SECRET"),
        &secret(0xEB),
        &adobe,
        &secret(0xFE),
        &tables,
        &frame,
        &first,
        SCAN,
        &secret(0xFE),
        &second,
        SCAN,
        EOI,
        b"SECRET film",
    ];
    let kept = [SOI, &jfif, &profile, &adobe, &tables, &frame, &first, SCAN, &second, SCAN, EOI].concat();
    assert_eq!(sent(&file.concat()).unwrap(), kept);
    assert_eq!(sent(&kept).unwrap(), kept);
    let few = pieces(kept.clone()).unwrap();
    assert_eq!(few, [Piece::File(0..kept.len() as u64)], "nothing is made where nothing is left out");
}

#[test]
fn a_png_keeps_its_pixels_and_colours_alone() {
    let signature = b"\x89PNG\r\n\x1A\n";
    let [head, gamma, profile, size, data, end] =
        [b"IHDR", b"gAMA", b"iCCP", b"pHYs", b"IDAT", b"IEND"].map(|kind| chunk(kind, kind));
    let [text, long, zipped, time, unknown] =
        [b"tEXt", b"iTXt", b"zTXt", b"tIME", b"caBX"].map(|kind| chunk(kind, b"SECRET"));
    let photo = chunk(b"eXIf", &exif(1));
    let file = [
        &signature[..],
        &head,
        &gamma,
        &profile,
        &text,
        &photo,
        &size,
        &long,
        &data,
        &zipped,
        &time,
        &unknown,
        &end,
        b"SECRET: the part that was cut off",
    ];
    let kept = [&signature[..], &head, &gamma, &profile, &size, &data, &end].concat();
    assert_eq!(sent(&file.concat()).unwrap(), kept);
    assert_eq!(pieces(kept.clone()).unwrap(), [Piece::File(0..kept.len() as u64)]);
}

#[test]
fn a_webp_keeps_its_pixels_and_colours_alone() {
    let head = |flags: u8| riff(b"VP8X", &[flags, 0, 0, 0, 9, 0, 0, 9, 0, 0]);
    let (profile, alpha, data) = (riff(b"ICCP", b"profile"), riff(b"ALPH", b"a"), riff(b"VP8 ", b"pixels"));
    let (photo, about, unknown) = (riff(b"EXIF", &exif(1)), riff(b"XMP ", b"SECRET"), riff(b"abcd", b"SECRET"));
    let chunks = [head(0b11_1100), profile.clone(), unknown, alpha.clone(), data.clone(), photo, about];
    let mut file = webp_of(&chunks);
    file.extend_from_slice(b"SECRET");
    let kept = webp_of(&[head(0b11_0000), profile, alpha, data.clone()]);
    assert_eq!(sent(&file).unwrap(), kept);
    let simple = webp_of(&[data]);
    assert_eq!(pieces(simple.clone()).unwrap(), [Piece::File(0..simple.len() as u64)]);
}

#[test]
fn what_is_to_be_turned_is_turned_still() {
    let scan = segment(0xDA, b"one");
    let data = chunk(b"IDAT", b"x");
    for turn in 2..=8 {
        let minimal = [&b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0"[..], &[turn, 0, 0, 0], &[0; 4]].concat();
        let jpeg = sent(&[SOI, &in_jpeg(turn), &scan, SCAN, EOI].concat()).unwrap();
        let told = segment(0xE1, &[b"Exif\0\0", &minimal[..]].concat());
        assert_eq!(jpeg, [SOI, &told, &scan, SCAN, EOI].concat());
        let png = [&b"\x89PNG\r\n\x1A\n"[..], &chunk(b"IHDR", b"x"), &chunk(b"eXIf", &exif(turn)), &data].concat();
        let turned = [&b"\x89PNG\r\n\x1A\n"[..], &chunk(b"IHDR", b"x"), &chunk(b"eXIf", &minimal), &data].concat();
        assert_eq!(sent(&png).unwrap(), turned);
        let head = riff(b"VP8X", &[0b1100, 0, 0, 0, 9, 0, 0, 9, 0, 0]);
        let file = webp_of(&[head, riff(b"VP8 ", b"xx"), riff(b"EXIF", &exif(turn))]);
        let head = riff(b"VP8X", &[0b1000, 0, 0, 0, 9, 0, 0, 9, 0, 0]);
        assert_eq!(sent(&file).unwrap(), webp_of(&[head, riff(b"VP8 ", b"xx"), riff(b"EXIF", &minimal)]));
    }
}

#[test]
fn what_cannot_be_read_is_said() {
    assert_eq!(sent(b"GIF89a"), Err(Unread::Format));
    assert_eq!(sent(b""), Err(Unread::Format));
    assert_eq!(sent(SOI), Err(Unread::Damaged));
    assert_eq!(sent(&[SOI, &in_jpeg(1), EOI].concat()), Err(Unread::Damaged));
    assert_eq!(sent(b"\x89PNG\r\n\x1A\n\0\0\0\x09IDAT"), Err(Unread::Damaged));
    assert_eq!(sent(b"RIFF\xFF\0\0\0WEBPVP8 "), Err(Unread::Damaged));
    assert_eq!(sent(&vec![0; MAX_SIZE + 1]), Err(Unread::Size));
}

#[test]
fn a_file_of_many_parts_takes_no_more_memory_than_others() {
    let parts = MAX_PARTS + 1;
    assert_eq!(sent(&[SOI, &segment(0xE1, b"").repeat(parts)].concat()), Err(Unread::Parts));
    assert_eq!(sent(&[SOI, &segment(0xDA, b""), &segment(0xFE, b"").repeat(parts)].concat()), Err(Unread::Parts));
    assert_eq!(sent(&[&b"\x89PNG\r\n\x1A\n"[..], &chunk(b"tEXt", b"").repeat(parts)].concat()), Err(Unread::Parts));
    assert_eq!(sent(&webp_of(&vec![riff(b"abcd", b""); parts])), Err(Unread::Parts));
}

/// Parts of files, whole and broken.
fn bits() -> impl Strategy<Value = Vec<u8>> {
    let scan = [&segment(0xDA, b"x")[..], SCAN].concat();
    let whole = vec![
        in_jpeg(6),
        segment(0xFE, b"SECRET"),
        segment(0xDB, b"x"),
        scan,
        EOI.to_vec(),
        chunk(b"tEXt", b"SECRET"),
        chunk(b"IDAT", b"x"),
        chunk(b"eXIf", &exif(3)),
        riff(b"XMP ", b"SECRET"),
        riff(b"VP8X", &[12; 10]),
        riff(b"VP8 ", b"xx"),
        riff(b"EXIF", &exif(4)),
    ];
    prop_oneof![3 => proptest::sample::select(whole), 1 => proptest::collection::vec(any::<u8>(), 0..9)]
}

proptest! {
    /// Nothing panics, what was read is within the file, and what is sent of what was sent is all of it.
    #[test]
    fn whatever_the_bytes(kind in 0..3usize, bits in proptest::collection::vec(bits(), 0..9)) {
        let body = bits.concat();
        let file = match kind {
            0 => [SOI, &body].concat(),
            1 => [b"\x89PNG\r\n\x1A\n", &body[..]].concat(),
            _ => webp_of(&bits),
        };
        if let Ok(once) = sent(&file) {
            prop_assert_eq!(sent(&once), Ok(once));
        }
    }
}
