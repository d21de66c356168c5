// Reads the printed code (QR) of a household's card with the camera.
//
// By the browser's own `BarcodeDetector` where it reads QR codes, else by the vendored reader.

import { BarcodeDetector as OwnDetector } from "../qr/decode.js";

const PAUSE_MS = 120;
const WIDTH = 640;

async function detector() {
  try {
    if ("BarcodeDetector" in window && (await window.BarcodeDetector.getSupportedFormats()).includes("qr_code")) {
      return new window.BarcodeDetector({ formats: ["qr_code"] });
    }
  } catch { /* Named by the browser, and not there. */ }
  return new OwnDetector({ formats: ["qr_code"] });
}

// Reads the code in a picture (a canvas, an image, a bitmap). Null: there is none.
export async function read(picture, by) {
  try {
    const found = await (by ?? (await detector())).detect(picture);
    return found[0]?.rawValue ?? null;
  } catch {
    // A frame without a code, or one that is not ready.
    return null;
  }
}

// Shows the camera in `video` and gives the first code to `found`. Gives what stops it; throws where there is no camera.
export async function watch(video, found) {
  if (!navigator.mediaDevices?.getUserMedia) throw new Error("no camera");
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: false,
    video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 } },
  });
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const by = await detector();
  let going = true;
  const stop = () => {
    going = false;
    stream.getTracks().forEach((track) => track.stop());
    video.srcObject = null;
  };
  video.srcObject = stream;
  await video.play();
  const look = async () => {
    if (!going) return;
    if (video.readyState >= 2 && video.videoWidth) {
      canvas.width = Math.min(WIDTH, video.videoWidth);
      canvas.height = Math.round((canvas.width * video.videoHeight) / video.videoWidth);
      pen.drawImage(video, 0, 0, canvas.width, canvas.height);
      const text = await read(canvas, by);
      if (text && going) {
        stop();
        found(text);
        return;
      }
    }
    setTimeout(look, PAUSE_MS);
  };
  look();
  return stop;
}
