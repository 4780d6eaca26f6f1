/** The live front camera: start, show mirrored, take a frame, stop. */
import { h } from '../common/dom.js';
import { grabFrame } from './picture.js';

/** getUserMedia exists only in a secure context, and not inside every messenger's browser. */
export function liveCameraPossible() {
  return window.isSecureContext && typeof navigator.mediaDevices?.getUserMedia === 'function';
}

/** Why no camera opened, in the guest's terms. @param {unknown} error @returns {'denied' | 'absent' | 'busy'} */
export function cameraTrouble(error) {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied';
  if (name === 'NotReadableError' || name === 'AbortError') return 'busy';
  return 'absent';
}

/**
 * @typedef {object} Camera
 * @property {HTMLVideoElement} element
 * @property {() => Promise<void>} start rejects with getUserMedia's error
 * @property {() => Promise<Blob>} capture what the preview shows, as JPEG
 * @property {() => boolean} ended whether the device took the camera away
 * @property {() => void} stop switches the camera (and its light) off
 */

/** @returns {Camera} */
export function createCamera() {
  const element = h('video', {
    class: 'camera-video',
    playsinline: true,
    muted: true,
    autoplay: true,
    'aria-hidden': 'true',
    tabindex: '-1',
  });
  element.muted = true;
  /** @type {MediaStream | null} */
  let stream = null;
  let stopped = false;

  function stop() {
    stopped = true;
    for (const track of stream?.getTracks() ?? []) track.stop();
    element.srcObject = null;
    stream = null;
  }

  return {
    element,
    stop,
    async start() {
      stopped = false;
      const opened = await navigator.mediaDevices.getUserMedia({
        audio: false,
        video: { facingMode: 'user', width: { ideal: 1280 }, height: { ideal: 960 } },
      });
      stream = opened;
      // The guest may have left while the permission was being asked for.
      if (stopped) return stop();
      element.srcObject = opened;
      await element.play();
    },
    ended: () => !stream?.active,
    capture: () => grabFrame(element),
  };
}
