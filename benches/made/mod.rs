//! A picture of 24 megapixels as the files of a camera, a phone and an editor.

use pixora::imaging::Picture;

/// A directory of TIFF with the values that it needs, in front of the JPEG: a NEF.
pub fn raw(jpeg: &[u8]) -> Vec<u8> {
    tiff_of(&[(0x0103, 34713), (0x0106, 32803)], jpeg)
}

/// Eight bits, uncompressed, in one strip.
pub fn tiff(picture: &Picture) -> Vec<u8> {
    let (width, height) = (picture.width, picture.height);
    let strip = [(0x0100, width), (0x0101, height), (0x0102, 8), (0x0103, 1), (0x0106, 2), (0x0111, 0)];
    let strip = [&strip[..], &[(0x0115, 3), (0x0116, height), (0x0117, width * height * 3)]].concat();
    tiff_of(&strip, &picture.rgb)
}

/// A directory of numbers and the bytes behind it. The places of the bits of three samples and of the strip are filled
/// in.
fn tiff_of(entries: &[(u16, u32)], behind: &[u8]) -> Vec<u8> {
    let end = 8 + 2 + entries.len() as u32 * 12 + 4;
    let mut bytes = [&b"II*\0\x08\0\0\0"[..], &(entries.len() as u16).to_le_bytes()].concat();
    for (tag, value) in entries {
        let (kind, value) = match tag {
            0x0102 => ([3, 0, 3, 0, 0, 0], end),
            0x0111 => ([4, 0, 1, 0, 0, 0], end + 6),
            _ => ([4, 0, 1, 0, 0, 0], *value),
        };
        let parts = [&tag.to_le_bytes()[..], &kind, &value.to_le_bytes()];
        bytes.extend(parts.concat());
    }
    [&bytes[..], &[0; 4], &[8, 0, 8, 0, 8, 0], behind].concat()
}

/// One tile of 512 × 512 pixels, made for this bench; an encoder of HEVC is nowhere here.
const TILE: &[u8] = include_bytes!("tile.heic");
const COLUMNS: u16 = 12;
const ROWS: u16 = 8;

/// A HEIC as telephones write it (ISO 23008-12, 6.6.2.3.2): a grid of tiles, cut to 6000 × 4000 pixels. Every tile has
/// the same bytes and is decoded anew.
pub fn heic() -> Vec<u8> {
    let (codec, data) = (part(b"hvcC"), &part(b"mdat")[8..]);
    let head = |at: u32| {
        let brand = boxed(b"ftyp", b"heic\0\0\0\0mif1heic");
        [brand, meta(codec, at, data.len() as u32)].concat()
    };
    let at = head(0).len() as u32 + 8;
    [head(at), boxed(b"mdat", data)].concat()
}

/// A box of the tile's file, by its name, which stands nowhere else in it.
fn part(kind: &[u8; 4]) -> &'static [u8] {
    let at = TILE.windows(4).position(|four| four == kind).expect("the tile has it") - 4;
    let length = u32::from_be_bytes(TILE[at..at + 4].try_into().expect("four bytes"));
    &TILE[at..at + length as usize]
}

fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    [&(content.len() as u32 + 8).to_be_bytes()[..], kind, content].concat()
}

/// A box with a version and flags.
fn full(kind: &[u8; 4], version: u8, flags: u8, content: &[u8]) -> Vec<u8> {
    boxed(kind, &[&[version, 0, 0, flags][..], content].concat())
}

fn numbers(numbers: &[u16]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
}

/// Item 1 is the grid, the items behind it are its tiles, which all lie at one place.
fn meta(codec: &[u8], at: u32, length: u32) -> Vec<u8> {
    let tiles = 2..2 + COLUMNS * ROWS;
    let count = COLUMNS * ROWS + 1;
    let item = |id: u16, kind: &[u8; 4], hidden: u8| {
        full(b"infe", 2, hidden, &[&numbers(&[id, 0])[..], kind, b"\0"].concat())
    };
    let items: Vec<u8> = tiles.clone().flat_map(|id| item(id, b"hvc1", 1)).collect();
    let items = [numbers(&[count]), item(1, b"grid", 0), items].concat();
    let ids: Vec<u16> = [1, COLUMNS * ROWS].into_iter().chain(tiles.clone()).collect();
    let size =
        |width: u32, height: u32| full(b"ispe", 0, 0, &[width.to_be_bytes(), height.to_be_bytes()].concat());
    let properties = boxed(b"ipco", &[codec, &size(512, 512), &size(6000, 4000)].concat());
    let of_tile = |id: u16| [&id.to_be_bytes()[..], &[2, 0x81, 2]].concat();
    let uses: Vec<u8> = tiles.clone().flat_map(of_tile).collect();
    let uses = [&u32::from(count).to_be_bytes()[..], &[0, 1, 1, 3], &uses].concat();
    let place = |id: u16, method: u16, at: u32, length: u32| {
        [&numbers(&[id, method, 0, 1])[..], &at.to_be_bytes(), &length.to_be_bytes()].concat()
    };
    let places: Vec<u8> = tiles.flat_map(|id| place(id, 0, at, length)).collect();
    let grid = [&[0, 0, ROWS as u8 - 1, COLUMNS as u8 - 1][..], &numbers(&[6000, 4000])].concat();
    let content = [
        full(b"hdlr", 0, 0, b"\0\0\0\0pict\0\0\0\0\0\0\0\0\0\0\0\0\0"),
        full(b"pitm", 0, 0, &numbers(&[1])),
        full(b"iinf", 0, 0, &items),
        full(b"iref", 0, 0, &boxed(b"dimg", &numbers(&ids))),
        boxed(b"iprp", &[properties, full(b"ipma", 0, 0, &uses)].concat()),
        full(b"iloc", 1, 0, &[&[0x44, 0][..], &numbers(&[count]), &place(1, 1, 0, 8), &places].concat()),
        boxed(b"idat", &grid),
    ];
    full(b"meta", 0, 0, &content.concat())
}
