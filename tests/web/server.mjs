// A real server over a small made-up district, in a directory of its own.
import { execFile, spawn } from "node:child_process";
import { mkdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { codeOf } from "./totp.mjs";

const [program, work, root] = [process.env.ZHILI_PROGRAM, process.env.ZHILI_WORK, process.env.ZHILI_ROOT];
const run = promisify(execFile);
const stepMs = 30_000;
const used = new Map(); // The step of the last code of each account.
const purpose = "handle_case";
const basis = "pipl-13-1-3";

async function zhili(...args) {
  const { stdout } = await run(program, args, { cwd: work, maxBuffer: 64 << 20 });
  return stdout;
}

/** Like zhili, with a line on standard input. */
function zhiliWith(line, ...args) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: work, stdio: ["pipe", "pipe", "inherit"] });
    let out = "";
    child.stdout.on("data", (piece) => {
      out += piece;
    });
    child.on("close", (code) =>
      code === 0 ? resolve(out) : reject(new Error(`${args.join(" ")}: exit code ${code}`)),
    );
    child.stdin.end(`${line}\n`);
  });
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function account(login, name, ...args) {
  const password = `correct horse ${login} staple`;
  const said = await zhiliWith(password, "account", "create", "site", login, "--name", name, "--json", ...args);
  const { id, second_factor: secret } = JSON.parse(said);
  return { id, login, name, password, secret };
}

/** People of the police's register whose record is in the result: ID number, name, and their entity. */
async function someone() {
  const lines = async (file) => (await readFile(join(work, file), "utf8")).trim().split("\n").slice(1);
  const entities = new Map();
  for (const line of await lines("person/links.csv")) {
    const [source, record, entity] = line.split(",");
    if (source === "police") entities.set(record, entity);
  }
  const people = [];
  for (const line of await lines("district/police.csv")) {
    const fields = line.split(",");
    const [record, name, number] = [fields[0], fields[3], fields[8]];
    if (entities.has(record) && /^99\d{15}[\dX]$/.test(number))
      people.push({ id: entities.get(record), record, name, number });
  }
  return people;
}

async function prepare(port) {
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  const packs = join(root, "packs");
  await zhili("twin", "--people", "2000", "--seed", "1", "--out", "district", "--quiet");
  await zhili(
    "fuse",
    "run",
    join(packs, "population/entities/person.yaml"),
    "--data",
    "district",
    "--out",
    "person",
    "--members",
    "--quiet",
  );
  await zhili(
    "init",
    "site",
    "--packs",
    packs,
    "--areas",
    "district/areas.csv",
    "--shapes",
    "district/divisions.geojson",
    "--departments",
    "district/departments.csv",
    "--web",
    join(root, "build/web"),
    "--zh",
    "宁沐区",
    "--en",
    "Ningmu District",
    "--origin",
    "ningmu.example/audit",
    "--listen",
    `127.0.0.1:${port}`,
    ...(process.env.ZHILI_STORE ? ["--store", process.env.ZHILI_STORE] : []),
  );
  await zhili("catalog", "declare", "site", "--proposed");
  await zhili("batch", "send", "site", "police.residents", "district/police.csv", "--batch", "2026-01");
  await zhili(
    "base",
    "load",
    "site",
    "person",
    "--kind",
    "person",
    "--purpose",
    "build_base",
    "--basis",
    basis,
    "--divisions",
    "district/divisions.csv",
    "--located",
    "district/buildings.csv:address:grid_code",
    "--online",
    "--quiet",
  );
  // Whom rows of the police's register are about: who reads one stands in that person's ledger.
  const about = ["--kind", "person", "--dataset", "police.residents", "--source", "police", "--quiet"];
  await zhili("base", "link", "site", "person", ...about);
}

/** Two publications of the police: buildings as they are, and residents counted with noise, in two versions. */
async function openData() {
  await zhili("batch", "send", "site", "police.addresses", "district/police_places.csv", "--batch", "2026-01");
  const plans = join(root, "packs/population/open");
  for (const plan of ["addresses", "residents-by-street", "residents-by-street"])
    await zhili("open", "publish", "site", join(plans, `${plan}.yaml`), "--by", "fangshu");
}

async function serve(url) {
  const child = spawn(program, ["serve", "site"], { cwd: work, stdio: ["ignore", "ignore", "inherit"] });
  const ended = new Promise((resolve) => child.on("close", resolve));
  for (let round = 0; ; ++round) {
    if (child.exitCode !== null || round > 200) throw new Error("the server does not start");
    if ((await fetch(`${url}/healthz`).catch(() => undefined))?.ok) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

async function lookUp(url, key, value) {
  const response = await fetch(`${url}/api/v1/lookups`, {
    method: "POST",
    headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" },
    body: JSON.stringify({ kind: "person", by: "id_number", value, purpose, basis }),
  });
  if (!response.ok) throw new Error(`look-up by key: ${response.status} ${await response.text()}`);
  return response.json();
}

/** Two people of different grids. */
async function neighbours(url, key) {
  const found = [];
  for (const person of await someone()) {
    const { items } = await lookUp(url, key, person.number);
    const area = items.find((item) => item.id === person.id)?.area;
    if (!area || found.some((one) => one.area === area)) continue;
    found.push({ ...person, area });
    if (found.length === 2) return found;
  }
  throw new Error("the district has no two people of different grids");
}

/** The server with its people: `here` lives in the grid worker's grid and owns the resident's account, `there` does not. */
export async function start() {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  await prepare(port);
  const accounts = {
    clerk: await account("zhoumin", "周敏", "--post", "window_clerk:civil:990101", "--second-factor"),
    auditor: await account("chenshen", "陈审", "--post", "auditor::990101", "--second-factor"),
    officer: await account("fangshu", "方数", "--post", "data_officer:police:990101", "--second-factor"),
    asker: await account("sheping", "佘平", "--post", "data_officer:social:990101", "--second-factor"),
    keeper: await account("zhengji", "郑基", "--post", "base_keeper:data:990101", "--second-factor"),
    admin: await account("guanli", "管理员", "--post", "administrator::990101", "--second-factor"),
    // Each is signed in by its own walk alone, so that no walk waits for another's codes.
    newcomer: await account("zhengming", "郑明", "--post", "window_clerk:civil:990101", "--second-factor"),
    returning: await account("sunhui", "孙慧", "--post", "window_clerk:civil:990101", "--second-factor"),
    erring: await account("qianwu", "钱误", "--post", "window_clerk:civil:990101", "--second-factor"),
    plain: await account("liping", "李平", "--post", "window_clerk:civil:990101"),
    beginner: await account("wuxin", "吴昕", "--post", "window_clerk:civil:990101"),
  };
  await openData();
  const { key } = JSON.parse(
    await zhili("account", "key", "site", "测试系统", "--post", "window_clerk::990101", "--json"),
  );
  // Accounts are made while no server runs, and who lives where is known once one did.
  const first = await serve(url);
  const [here, there] = await neighbours(url, key).finally(() => first.stop());
  accounts.grid = await account(
    "wangge",
    "吴格",
    "--post",
    `grid_worker:street-990101001:${here.area}`,
    "--second-factor",
  );
  accounts.resident = await account(
    "jumin",
    here.name,
    "--post",
    "resident",
    "--second-factor",
    "--is",
    `person:${here.id}`,
  );
  const server = await serve(url);
  return {
    url,
    accounts,
    key,
    here,
    there,
    purpose,
    basis,
    lookUp: (value) => lookUp(url, key, value),
    stop: server.stop,
  };
}

/** The account's next code. A code is good once, and the server takes that of the coming half minute, too; only a third
 * one is waited for. */
export async function codeFor(account) {
  const now = () => Math.floor(Date.now() / stepMs);
  const step = Math.max(now(), (used.get(account.login) ?? 0) + 1);
  used.set(account.login, step);
  while (step > now() + 1) await new Promise((resolve) => setTimeout(resolve, 200));
  return codeOf(account.secret, step * stepMs);
}

async function signInStep(url, path, body, session) {
  const response = await fetch(url + path, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      ...(session && { Cookie: session.cookie, "X-CSRF-Token": session.csrf }),
    },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  const [cookie] = response.headers.getSetCookie();
  return { ...(await response.json()), cookie: cookie?.split(";")[0] ?? session?.cookie };
}

/** Signs in past the form, for the pages behind it: the name and the value of the session's cookie. */
export async function sessionOf(url, account) {
  const { login, password } = account;
  let session = await signInStep(url, "/api/v1/session", { login, password });
  if (session.stage === "second_factor_needed")
    session = await signInStep(url, "/api/v1/session/second-factor", { code: await codeFor(account) }, session);
  const at = session.cookie.indexOf("=");
  return { name: session.cookie.slice(0, at), value: session.cookie.slice(at + 1) };
}
