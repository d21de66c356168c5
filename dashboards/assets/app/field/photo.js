// A picture from the camera, made small and bare.
//
// # Why
// Drawing it anew on a canvas leaves everything behind that the camera wrote beside the pixels: place, time, make. The server walks
// the file once more and leaves out what is left.

const SIDE_MAX = 1280;
const SIZE_MAX = 500 * 1024;
const QUALITIES = [0.72, 0.55, 0.4];

// Gives the picture as a JPEG of at most 1 280 pixels. Throws where the file is no picture.
export async function shrink(file) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, SIDE_MAX / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const pen = canvas.getContext("2d");
  // A transparent picture has a white ground, as paper.
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  for (const quality of QUALITIES) {
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
    if (blob && blob.size <= SIZE_MAX) return { blob, canvas };
  }
  throw new Error("the picture stays too large");
}
