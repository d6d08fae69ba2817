// Tidies package-lock.json behind `npm install`: leaves out where npm fetched from, and the parts that packages bring
// along for systems other than Debian's, so that `npm ci` asks for nothing that is not used: node tools/lock.mjs
import { readFile, writeFile } from "node:fs/promises";

const file = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(await readFile(file, "utf8"));
for (const [path, entry] of Object.entries(lock.packages)) {
  const elsewhere =
    entry.optional &&
    ((entry.os && !entry.os.includes("linux")) ||
      (entry.libc && !entry.libc.includes("glibc")) ||
      (entry.cpu && !entry.cpu.includes("x64") && !entry.cpu.includes("arm64")));
  if (elsewhere) delete lock.packages[path];
  delete entry.resolved;
}
const there = new Set(Object.keys(lock.packages).map((path) => path.split("node_modules/").pop()));
for (const entry of Object.values(lock.packages)) {
  for (const name of Object.keys(entry.optionalDependencies ?? {}))
    if (!there.has(name)) delete entry.optionalDependencies[name];
  if (entry.optionalDependencies && Object.keys(entry.optionalDependencies).length === 0)
    delete entry.optionalDependencies;
}
await writeFile(file, `${JSON.stringify(lock, null, 2)}\n`);
