// Puts FILE.br and FILE.gz beside each file of the built front end that compresses, and fails where the phone page is
// larger than a weak network bears: node tools/compress.mjs DIR
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const phoneLimit = 60 * 1024; // Bytes of gzip, page, scripts and styles together.
const text = /\.(html|js|mjs|css|svg|json|txt|webmanifest)$/;
const smallest = 512; // What fits in one packet gains nothing.

const [gzipped, brotlied] = [promisify(gzip), promisify(brotliCompress)];

async function compress(path) {
  const bytes = await readFile(path);
  const gz = await gzipped(bytes, { level: 9 });
  if (bytes.length >= smallest) {
    const br = await brotlied(bytes, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 10, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
    });
    await Promise.all([writeFile(`${path}.gz`, gz), writeFile(`${path}.br`, br)]);
  }
  return gz.length;
}

const root = process.argv[2];
const files = (await readdir(root, { recursive: true, withFileTypes: true }))
  .filter((entry) => entry.isFile() && text.test(entry.name))
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
const sizes = await Promise.all(files.map(async (path) => [relative(root, path), await compress(path)]));
const total = (wanted) => sizes.filter(([path]) => wanted(path)).reduce((sum, [, size]) => sum + size, 0);
const phone = total((path) => path.startsWith("m/"));
console.log(`phone page: ${(phone / 1024).toFixed(1)} KiB gzip of ${phoneLimit / 1024} allowed`);
console.log(`workbench: ${(total((path) => !path.startsWith("m/")) / 1024).toFixed(0)} KiB gzip in all`);
if (phone > phoneLimit) {
  console.error("the phone page is too large; see what came in with its imports");
  process.exit(1);
}
