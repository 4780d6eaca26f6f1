// A film for Chromium's fake camera (--use-file-for-fake-video-capture) that shows one photograph.

import { readFile, writeFile } from 'node:fs/promises';

const WIDTH = 640;
const HEIGHT = 480;
const FRAMES = 20; // Chromium plays the film in a loop

/**
 * Draws `photo` into 640×480, whole, on black, and writes it as y4m (yuv420p): the one format that
 * the fake camera shows faithfully (an MJPEG film came out plain green).
 *
 * @param {import('playwright-core').Browser} browser decodes and scales the photograph
 * @param {string} photo path of a JPEG or PNG
 * @param {string} film path to write
 */
export async function writeFilm(browser, photo, film) {
  const source = `data:image/${photo.endsWith('.png') ? 'png' : 'jpeg'};base64,${await readFile(photo, 'base64')}`;
  const page = await browser.newPage();
  const base64 = await page.evaluate(drawRgba, { source, width: WIDTH, height: HEIGHT });
  await page.close();
  const frame = yuv420(Buffer.from(base64, 'base64'));
  const header = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F20:1 Ip A1:1 C420jpeg\n`);
  await writeFile(film, Buffer.concat([header, ...Array(FRAMES).fill(Buffer.concat([Buffer.from('FRAME\n'), frame]))]));
}

/** Runs in the page. */
async function drawRgba({ source, width, height }) {
  const image = new Image();
  image.src = source;
  await image.decode();
  const scale = Math.min(width / image.width, height / image.height);
  const [w, h] = [image.width * scale, image.height * scale];
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const context = canvas.getContext('2d');
  context.fillRect(0, 0, width, height);
  context.drawImage(image, (width - w) / 2, (height - h) / 2, w, h);
  const { data } = context.getImageData(0, 0, width, height);
  let text = '';
  for (let at = 0; at < data.length; at += 0x8000) text += String.fromCharCode(...data.subarray(at, at + 0x8000));
  return btoa(text);
}

/** RGBA to planar Y, U, V in ITU-R BT.601, limited range (16–235); one U and V for 2×2 pixels. */
function yuv420(rgba) {
  const luma = Buffer.alloc(WIDTH * HEIGHT);
  const [u, v] = [Buffer.alloc(luma.length / 4), Buffer.alloc(luma.length / 4)];
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const [r, g, b] = rgba.subarray((y * WIDTH + x) * 4);
      luma[y * WIDTH + x] = 16.5 + 0.257 * r + 0.504 * g + 0.098 * b;
      if (x % 2 === 0 && y % 2 === 0) {
        const at = (y / 2) * (WIDTH / 2) + x / 2;
        u[at] = 128.5 - 0.148 * r - 0.291 * g + 0.439 * b;
        v[at] = 128.5 + 0.439 * r - 0.368 * g - 0.071 * b;
      }
    }
  }
  return Buffer.concat([luma, u, v]);
}
