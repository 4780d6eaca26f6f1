//! JPEG XL (ISO 18181) through jxl-oxide.

use std::panic::{AssertUnwindSafe, catch_unwind};

use jxl_oxide::{
    AllocTracker, AuxBoxData, EnumColourEncoding, InitializeResult, JxlImage, PixelFormat, RenderingIntent,
};

use super::{
    Format, Header, ImageError, Picture,
    colour::{self, Colour, Samples},
    memory::{MAX_WHOLE, over_white},
    sources::Sources,
};

/// The largest memory for decoding one picture, in bytes; every sample is a floating-point number then.
const MAX_MEMORY: usize = 1_000_000_000;

/// Width and height are upright: the decoder turns the picture itself.
pub(super) fn header(bytes: &[u8]) -> Result<Header, ImageError> {
    guarded(|| {
        let image = open(bytes)?;
        let depth = image.image_header().metadata.bit_depth.bits_per_sample();
        let exif = match image.aux_boxes().first_exif() {
            Ok(AuxBoxData::Data(exif)) => Some(exif.payload()),
            _ => None,
        };
        let xmp = match image.aux_boxes().first_xml() {
            AuxBoxData::Data(xmp) => Some(xmp),
            _ => None,
        };
        let facts = Sources { exif, xmp, iptc: None }.read();
        let header = Header::new(Format::JpegXl, image.width(), image.height()).with_facts(facts);
        Ok(Header {
            orientation: super::Orientation::Upright,
            channels: image.pixel_format().channels() as u8,
            bit_depth: depth as u8,
            animated: image.image_header().metadata.animation.is_some(),
            ..header
        })
    })
}

pub(super) fn decode(bytes: &[u8]) -> Result<Picture, ImageError> {
    guarded(|| {
        let mut image = open(bytes)?;
        if u64::from(image.width()) * u64::from(image.height()) * 4 > MAX_WHOLE {
            return Err(ImageError::TooComplex);
        }
        let format = image.pixel_format();
        if !format.has_black() {
            image.request_color_encoding(EnumColourEncoding::srgb(RenderingIntent::Perceptual));
        }
        let render = match image.num_loaded_keyframes() {
            0 => return Err(ImageError::CUT),
            _ => image.render_frame(0).map_err(refusal)?,
        };
        let mut stream = render.stream();
        let (width, height) = (stream.width(), stream.height());
        let stored = stream.channels() as usize;
        let mut pixels = vec![0_u8; width as usize * height as usize * stored];
        stream.write_to_buffer(&mut pixels);
        let rgb = srgb(pixels, stored, format, &image.rendered_icc())?;
        Ok(Picture::new(width, height, rgb))
    })
}

fn srgb(mut pixels: Vec<u8>, stored: usize, format: PixelFormat, icc: &[u8]) -> Result<Vec<u8>, ImageError> {
    let samples = match format {
        PixelFormat::Gray | PixelFormat::Graya if stored < 3 => Samples::Grey,
        PixelFormat::Cmyk | PixelFormat::Cmyka => Samples::InvertedCmyk,
        _ => Samples::Rgb,
    };
    if stored == samples.count() + 1 {
        let mut shown = Vec::with_capacity(pixels.len() / stored * samples.count());
        over_white(&pixels, stored, &mut shown);
        pixels = shown;
    } else if stored != samples.count() {
        return Err(ImageError::UnsupportedType("this kind of JPEG XL"));
    }
    Ok(colour::to_srgb(pixels, samples, Colour::from_icc(icc).as_ref()))
}

fn open(bytes: &[u8]) -> Result<JxlImage, ImageError> {
    let tracker = AllocTracker::with_limit(MAX_MEMORY);
    let mut begun = JxlImage::builder().alloc_tracker(tracker).build_uninit();
    begun.feed_bytes(bytes).map_err(refusal)?;
    match begun.try_init().map_err(refusal)? {
        InitializeResult::NeedMoreData(_) => Err(ImageError::CUT),
        InitializeResult::Initialized(mut image) => {
            image.finalize().map_err(refusal)?;
            Ok(image)
        }
    }
}

fn guarded<T>(work: impl FnOnce() -> Result<T, ImageError>) -> Result<T, ImageError> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(ImageError::Damaged("the decoder gave up".into())))
}

fn refusal(error: Box<dyn std::error::Error + Send + Sync>) -> ImageError {
    ImageError::Damaged(error.to_string())
}
