import { crc32, deflateSync } from "node:zlib";
import encodeQR from "qr";

/** Pixels for each module of the code. */
const SCALE = 4;
/** Light modules around it: ISO/IEC 18004, "quiet zone". */
const BORDER = 4;

/** A text as a QR code: a PNG of one bit for each pixel. */
export function qrCodePng(text: string): Buffer {
  const modules = encodeQR(text, "raw", { ecc: "medium", border: BORDER, scale: SCALE });
  const size = modules.length;
  const rows = modules.map((row) => Buffer.concat([Buffer.from([0]), bits(row)]));
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header(size)),
    chunk("IDAT", deflateSync(Buffer.concat(rows))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** Width, height, one bit a pixel, greyscale: https://www.w3.org/TR/png-3/#11IHDR */
function header(size: number): Buffer {
  const fields = Buffer.alloc(13);
  fields.writeUInt32BE(size, 0);
  fields.writeUInt32BE(size, 4);
  fields[8] = 1;
  return fields;
}

/** Dark modules are black, which is 0. */
function bits(row: readonly boolean[]): Buffer {
  const packed = Buffer.alloc(Math.ceil(row.length / 8));
  row.forEach((dark, at) => {
    if (!dark) packed[at >> 3] = (packed[at >> 3] as number) | (0x80 >> (at & 7));
  });
  return packed;
}

/** https://www.w3.org/TR/png-3/#5Chunk-layout */
function chunk(type: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), content]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
