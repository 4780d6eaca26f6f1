//! HEIC and AVIF through libheif, where it is installed.
//!
//! The library is opened when the first such picture comes, so that a server without it runs as well and refuses
//! these pictures by name. It turns the picture by itself and shows the main one of several.

#![expect(unsafe_code, reason = "libheif is a C library; every call into it is in this file")]

use std::{
    ffi::{CStr, c_char, c_int, c_void},
    ptr,
    sync::LazyLock,
};

use libloading::Library;

use super::{
    Format, Header, ImageError, Orientation, Picture,
    colour::{self, Colour, Samples},
    memory::MAX_WHOLE,
    sources::Sources,
};

/// Names under which systems have it.
const NAMES: [&str; 3] = ["libheif.so.1", "libheif.1.dylib", "heif.dll"];
const COLORSPACE_RGB: c_int = 1;
const CHROMA_INTERLEAVED_RGB: c_int = 10;
const CHANNEL_INTERLEAVED: c_int = 10;
/// `heif_compression_HEVC` and `heif_compression_AV1`.
const CODECS: [c_int; 2] = [1, 4];
/// `heif_error_Unsupported_filetype` to `heif_error_Decoder_plugin_error` of `heif_error.h` that are not the
/// file's fault.
const UNSUPPORTED: [c_int; 3] = [3, 4, 11];
const PROFILE_NCLX: u32 = u32::from_be_bytes(*b"nclx");
const MAX_METADATA: usize = 16 << 20;

#[repr(C)]
struct HeifError {
    code: c_int,
    subcode: c_int,
    message: *const c_char,
}

/// The beginning of `heif_color_profile_nclx`, which its later versions extend.
#[repr(C)]
struct Nclx {
    version: u8,
    primaries: c_int,
    transfer: c_int,
    matrix: c_int,
    full_range: u8,
}

/// The beginning of `heif_decoding_options` (version 2 and later).
#[repr(C)]
struct DecodingOptions {
    version: u8,
    ignore_transformations: u8,
    callbacks: [*const c_void; 3],
    user_data: *const c_void,
    convert_hdr_to_8bit: u8,
}

type Pointer = *mut c_void;

macro_rules! functions {
    ($($name:ident: $symbol:literal, fn($($argument:ty),*) $(-> $result:ty)?;)*) => {
        /// The functions of the library that are called.
        struct Functions {
            $($name: unsafe extern "C" fn($($argument),*) $(-> $result)?,)*
            _library: Library,
        }

        impl Functions {
            /// `None` when the library is too old to have all of them.
            fn find(library: Library) -> Option<Self> {
                // SAFETY: the types are those of libheif's header, whose functions are stable since version 1.3.
                unsafe {
                    Some(Self {
                        $($name: *library.get($symbol).ok()?,)*
                        _library: library,
                    })
                }
            }
        }
    };
}

functions! {
    new_context: b"heif_context_alloc\0", fn() -> Pointer;
    free_context: b"heif_context_free\0", fn(Pointer);
    read: b"heif_context_read_from_memory_without_copy\0", fn(Pointer, *const c_void, usize, *const c_void) -> HeifError;
    primary: b"heif_context_get_primary_image_handle\0", fn(Pointer, *mut Pointer) -> HeifError;
    free_handle: b"heif_image_handle_release\0", fn(Pointer);
    width: b"heif_image_handle_get_width\0", fn(Pointer) -> c_int;
    height: b"heif_image_handle_get_height\0", fn(Pointer) -> c_int;
    bits: b"heif_image_handle_get_luma_bits_per_pixel\0", fn(Pointer) -> c_int;
    pictures: b"heif_context_get_number_of_top_level_images\0", fn(Pointer) -> c_int;
    metadata_ids: b"heif_image_handle_get_list_of_metadata_block_IDs\0", fn(Pointer, *const c_char, *mut u32, c_int) -> c_int;
    metadata_type: b"heif_image_handle_get_metadata_type\0", fn(Pointer, u32) -> *const c_char;
    metadata_size: b"heif_image_handle_get_metadata_size\0", fn(Pointer, u32) -> usize;
    metadata: b"heif_image_handle_get_metadata\0", fn(Pointer, u32, *mut c_void) -> HeifError;
    profile_type: b"heif_image_handle_get_color_profile_type\0", fn(Pointer) -> u32;
    profile_size: b"heif_image_handle_get_raw_color_profile_size\0", fn(Pointer) -> usize;
    profile: b"heif_image_handle_get_raw_color_profile\0", fn(Pointer, *mut c_void) -> HeifError;
    nclx: b"heif_image_handle_get_nclx_color_profile\0", fn(Pointer, *mut *mut Nclx) -> HeifError;
    free_nclx: b"heif_nclx_color_profile_free\0", fn(*mut Nclx);
    has_decoder: b"heif_have_decoder_for_format\0", fn(c_int) -> c_int;
    new_options: b"heif_decoding_options_alloc\0", fn() -> *mut DecodingOptions;
    free_options: b"heif_decoding_options_free\0", fn(*mut DecodingOptions);
    decode: b"heif_decode_image\0", fn(Pointer, *mut Pointer, c_int, c_int, *const DecodingOptions) -> HeifError;
    free_image: b"heif_image_release\0", fn(Pointer);
    image_width: b"heif_image_get_width\0", fn(Pointer, c_int) -> c_int;
    image_height: b"heif_image_get_height\0", fn(Pointer, c_int) -> c_int;
    plane: b"heif_image_get_plane_readonly\0", fn(Pointer, c_int, *mut c_int) -> *const u8;
}

static FUNCTIONS: LazyLock<Option<Functions>> = LazyLock::new(|| {
    // SAFETY: a system library of this name runs nothing but its own constructors.
    let open = |name: &&str| unsafe { Library::new(*name) }.ok();
    NAMES.iter().find_map(open).and_then(Functions::find)
});

/// Whether HEIC and whether AVIF can be read here.
#[must_use]
pub fn heif_support() -> (bool, bool) {
    let has = |functions: &Functions, codec: c_int| {
        // SAFETY: takes a number.
        unsafe { (functions.has_decoder)(codec) != 0 }
    };
    let [hevc, av1] = CODECS.map(|codec| FUNCTIONS.as_ref().is_some_and(|functions| has(functions, codec)));
    (hevc, av1)
}

/// A file that is open, with its main picture. It borrows the bytes.
struct Open<'a> {
    functions: &'static Functions,
    context: Pointer,
    handle: Pointer,
    bytes: std::marker::PhantomData<&'a [u8]>,
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        // SAFETY: both came from the library, are freed once, and the handle may be null.
        unsafe {
            if !self.handle.is_null() {
                (self.functions.free_handle)(self.handle);
            }
            (self.functions.free_context)(self.context);
        }
    }
}

impl<'a> Open<'a> {
    fn new(bytes: &'a [u8], format: Format) -> Result<Self, ImageError> {
        let missing = || match format {
            Format::Avif => ImageError::UnsupportedType("AVIF (the server has no libheif)"),
            _ => ImageError::HeicUnsupported,
        };
        let functions = FUNCTIONS.as_ref().ok_or_else(missing)?;
        let (hevc, av1) = heif_support();
        if !(if format == Format::Avif { av1 } else { hevc }) {
            return Err(missing());
        }
        // SAFETY: takes nothing, and returns null when there is no memory.
        let context = unsafe { (functions.new_context)() };
        if context.is_null() {
            return Err(ImageError::TooComplex);
        }
        let mut open = Self { functions, context, handle: ptr::null_mut(), bytes: std::marker::PhantomData };
        // SAFETY: the bytes outlive the context, which `Open` borrows them for.
        let read = unsafe { (functions.read)(context, bytes.as_ptr().cast(), bytes.len(), ptr::null()) };
        checked(&read)?;
        // SAFETY: the context is open, the handle is written to.
        checked(&unsafe { (functions.primary)(context, &raw mut open.handle) })?;
        Ok(open)
    }

    fn size(&self) -> (u32, u32) {
        // SAFETY: the handle is open.
        let (width, height) =
            unsafe { ((self.functions.width)(self.handle), (self.functions.height)(self.handle)) };
        (u32::try_from(width).unwrap_or(0), u32::try_from(height).unwrap_or(0))
    }

    /// The blocks of metadata with their kinds.
    fn metadata(&self) -> Vec<(String, Vec<u8>)> {
        let mut ids = [0_u32; 16];
        let f = self.functions;
        // SAFETY: at most as many numbers are written as there is room for; a null filter means all.
        let count =
            unsafe { (f.metadata_ids)(self.handle, ptr::null(), ids.as_mut_ptr(), ids.len() as c_int) };
        let of = |&id: &u32| {
            // SAFETY: the id is of this handle; the text lives as long as the handle does.
            let (kind, size) =
                unsafe { ((f.metadata_type)(self.handle, id), (f.metadata_size)(self.handle, id)) };
            if kind.is_null() || size > MAX_METADATA {
                return None;
            }
            let mut block = vec![0_u8; size];
            // SAFETY: the block has the room that was asked for.
            let got = unsafe { (f.metadata)(self.handle, id, block.as_mut_ptr().cast()) };
            checked(&got).ok()?;
            // SAFETY: not null, and ended by a zero.
            Some((unsafe { CStr::from_ptr(kind) }.to_string_lossy().into_owned(), block))
        };
        ids.iter().take(usize::try_from(count).unwrap_or(0)).filter_map(of).collect()
    }

    fn colour(&self) -> Option<Colour> {
        let f = self.functions;
        // SAFETY: the handle is open.
        let (kind, size) = unsafe { ((f.profile_type)(self.handle), (f.profile_size)(self.handle)) };
        if kind == PROFILE_NCLX || size == 0 {
            return self.code_points();
        }
        if size > MAX_METADATA {
            return None;
        }
        let mut icc = vec![0_u8; size];
        // SAFETY: there is room for as many bytes as were announced.
        checked(&unsafe { (f.profile)(self.handle, icc.as_mut_ptr().cast()) }).ok()?;
        Colour::from_icc(&icc)
    }

    fn code_points(&self) -> Option<Colour> {
        let mut nclx: *mut Nclx = ptr::null_mut();
        // SAFETY: the handle is open and the pointer is written to; what it points to is freed below.
        checked(&unsafe { (self.functions.nclx)(self.handle, &raw mut nclx) }).ok()?;
        if nclx.is_null() {
            return None;
        }
        // SAFETY: not null, and at least as large as its first version.
        let (primaries, transfer) = unsafe { ((*nclx).primaries, (*nclx).transfer) };
        // SAFETY: came from the library and is freed once.
        unsafe { (self.functions.free_nclx)(nclx) };
        Colour::from_cicp(u8::try_from(primaries).ok()?, u8::try_from(transfer).ok()?)
    }

    fn pixels(&self) -> Result<(u32, u32, Vec<u8>), ImageError> {
        let f = self.functions;
        let mut image = Image { functions: f, image: ptr::null_mut() };
        // SAFETY: the options are the library's own, of which one byte is set; all are freed.
        let decoded = unsafe {
            let options = (f.new_options)();
            if !options.is_null() {
                (*options).convert_hdr_to_8bit = 1;
            }
            let decoded = (f.decode)(
                self.handle,
                &raw mut image.image,
                COLORSPACE_RGB,
                CHROMA_INTERLEAVED_RGB,
                options,
            );
            if !options.is_null() {
                (f.free_options)(options);
            }
            decoded
        };
        checked(&decoded)?;
        image.rows()
    }
}

/// A decoded picture.
struct Image {
    functions: &'static Functions,
    image: Pointer,
}

impl Drop for Image {
    fn drop(&mut self) {
        if !self.image.is_null() {
            // SAFETY: came from the library and is freed once.
            unsafe { (self.functions.free_image)(self.image) };
        }
    }
}

impl Image {
    fn rows(&self) -> Result<(u32, u32, Vec<u8>), ImageError> {
        let f = self.functions;
        let mut stride: c_int = 0;
        // SAFETY: the image is open; the plane lives as long as it does.
        let (width, height, plane) = unsafe {
            (
                (f.image_width)(self.image, CHANNEL_INTERLEAVED),
                (f.image_height)(self.image, CHANNEL_INTERLEAVED),
                (f.plane)(self.image, CHANNEL_INTERLEAVED, &raw mut stride),
            )
        };
        let sizes = (u32::try_from(width), u32::try_from(height), usize::try_from(stride));
        let (Ok(width), Ok(height), Ok(stride)) = sizes else { return Err(ImageError::CUT) };
        let row = width as usize * 3;
        if plane.is_null() || stride < row || u64::from(width) * u64::from(height) * 3 > MAX_WHOLE {
            return Err(ImageError::Damaged("a picture without its plane".into()));
        }
        let mut rgb = Vec::with_capacity(row * height as usize);
        for y in 0..height as usize {
            // SAFETY: the plane has `height` rows, `stride` bytes apart, of at least `row` bytes each.
            rgb.extend_from_slice(unsafe { std::slice::from_raw_parts(plane.add(y * stride), row) });
        }
        Ok((width, height, rgb))
    }
}

fn checked(error: &HeifError) -> Result<(), ImageError> {
    match error.code {
        0 => Ok(()),
        code if UNSUPPORTED.contains(&code) => Err(ImageError::UnsupportedType("this kind of HEIF")),
        // End of data is the first of the subcodes for a file that is wrong.
        _ if error.subcode == 100 => Err(ImageError::CUT),
        _ if error.message.is_null() => Err(ImageError::Damaged("libheif gave up".into())),
        _ => {
            // SAFETY: a message is the library's own text, ended by a zero.
            let message = unsafe { CStr::from_ptr(error.message) };
            Err(ImageError::Damaged(message.to_string_lossy().into_owned()))
        }
    }
}

/// Width and height are upright.
pub(super) fn header(bytes: &[u8], format: Format) -> Result<Header, ImageError> {
    let open = Open::new(bytes, format)?;
    let (width, height) = open.size();
    let metadata = open.metadata();
    let block =
        |name: &str| metadata.iter().find(|(kind, _)| kind == name).map(|(_, block)| block.as_slice());
    // Four bytes say where in the block the TIFF structure begins (ISO 23008-12, A.2.1).
    let exif = block("Exif").and_then(|block| {
        let skipped = u32::from_be_bytes(*block.first_chunk()?) as usize;
        block.get(4 + skipped..)
    });
    let facts = Sources { exif, xmp: block("mime"), iptc: None }.read();
    // SAFETY: handle and context are open.
    let (bits, pictures) =
        unsafe { ((open.functions.bits)(open.handle), (open.functions.pictures)(open.context)) };
    Ok(Header {
        orientation: Orientation::Upright,
        bit_depth: u8::try_from(bits).unwrap_or(8),
        animated: pictures > 1,
        ..Header::new(format, width, height).with_facts(facts)
    })
}

pub(super) fn decode(bytes: &[u8], header: &Header) -> Result<Picture, ImageError> {
    if header.pixels() * 3 > MAX_WHOLE {
        return Err(ImageError::TooComplex);
    }
    let open = Open::new(bytes, header.format)?;
    let (width, height, rgb) = open.pixels()?;
    let colour = open.colour();
    Ok(Picture::new(width, height, colour::to_srgb(rgb, Samples::Rgb, colour.as_ref())))
}
