/** Pictures on the guest's own device: shrinking a selfie before it travels, cutting faces out of it. */

/** @typedef {import('./types.js').Box} Box */

const JPEG_QUALITY = 0.9;
const FRAME_MAX = 1280;
const PICKED_MAX = 1600;
const FACE_CROP_SIZE = 160;

/**
 * @param {number} width
 * @param {number} height
 * @param {(context: CanvasRenderingContext2D) => void} draw
 */
function paint(width, height, draw) {
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(width));
  canvas.height = Math.max(1, Math.round(height));
  const context = canvas.getContext('2d');
  if (!context) throw new Error('this browser gives no canvas');
  context.imageSmoothingQuality = 'high';
  draw(context);
  return canvas;
}

/** @param {HTMLCanvasElement} canvas @returns {Promise<Blob>} */
function toJpeg(canvas) {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the canvas could not be encoded'))), 'image/jpeg', JPEG_QUALITY);
  });
}

/** @param {Blob} blob */
function decode(blob) {
  return createImageBitmap(blob, { imageOrientation: 'from-image' });
}

/**
 * The part of the camera's frame that the guest sees in the preview (object-fit: cover), so that
 * nobody beside it is sent; at most 1280 px.
 * @param {HTMLVideoElement} video
 */
export function grabFrame(video) {
  const cover = Math.max(video.clientWidth / video.videoWidth, video.clientHeight / video.videoHeight);
  const width = Math.min(video.videoWidth, video.clientWidth / cover);
  const height = Math.min(video.videoHeight, video.clientHeight / cover);
  const scale = Math.min(1, FRAME_MAX / Math.max(width, height));
  return toJpeg(
    paint(width * scale, height * scale, (context) => {
      context.drawImage(
        video,
        (video.videoWidth - width) / 2,
        (video.videoHeight - height) / 2,
        width,
        height,
        0,
        0,
        context.canvas.width,
        context.canvas.height,
      );
    }),
  );
}

/**
 * A picked picture, upright and at most `most` px; re-encoding also leaves its EXIF (place, device)
 * behind. A file that the browser cannot open goes as it is: the server may know its format.
 * @param {File} file
 * @param {number} [most] of its longer side
 * @returns {Promise<Blob>}
 */
export async function shrink(file, most = PICKED_MAX) {
  try {
    const bitmap = await decode(file);
    const scale = Math.min(1, most / Math.max(bitmap.width, bitmap.height));
    const canvas = paint(bitmap.width * scale, bitmap.height * scale, (context) => {
      context.drawImage(bitmap, 0, 0, context.canvas.width, context.canvas.height);
    });
    bitmap.close();
    return await toJpeg(canvas);
  } catch {
    return file;
  }
}

/** @param {number} value @param {number} most */
const clamp = (value, most) => Math.max(0, Math.min(most, value));

/**
 * A square around a face, for the chooser.
 * @param {Blob} selfie
 * @param {Box} box
 * @returns {Promise<HTMLCanvasElement>}
 */
export async function faceThumbnail(selfie, box) {
  const bitmap = await decode(selfie);
  const side = Math.min(bitmap.width, bitmap.height, Math.max(box.w * bitmap.width, box.h * bitmap.height) * 1.45);
  const x = clamp((box.x + box.w / 2) * bitmap.width - side / 2, bitmap.width - side);
  const y = clamp((box.y + box.h / 2) * bitmap.height - side / 2, bitmap.height - side);
  const canvas = paint(FACE_CROP_SIZE, FACE_CROP_SIZE, (context) => {
    context.drawImage(bitmap, x, y, side, side, 0, 0, FACE_CROP_SIZE, FACE_CROP_SIZE);
  });
  bitmap.close();
  return canvas;
}

/**
 * The chosen face with its surroundings and without the others, so that it stays the chosen one
 * when more selfies are added.
 * @param {Blob} selfie
 * @param {Box} box
 */
export async function cropToFace(selfie, box) {
  const bitmap = await decode(selfie);
  const margin = 0.35;
  const left = Math.max(0, box.x - box.w * margin) * bitmap.width;
  const top = Math.max(0, box.y - box.h * margin) * bitmap.height;
  const right = Math.min(1, box.x + box.w * (1 + margin)) * bitmap.width;
  const bottom = Math.min(1, box.y + box.h * (1 + margin)) * bitmap.height;
  const canvas = paint(right - left, bottom - top, (context) => {
    context.drawImage(bitmap, left, top, right - left, bottom - top, 0, 0, context.canvas.width, context.canvas.height);
  });
  bitmap.close();
  return toJpeg(canvas);
}
