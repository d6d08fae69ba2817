// Every page and every state that hides something, one after another, each under axe: on a desk and on a telephone, in
// Chinese and in English.
import { choose, phone } from "./browser.mjs";

/** To another page as a link leads there, without loading the program again. What is no page of the workbench is loaded:
 * its router would stay where it is. */
async function go(page, path) {
  if (page.url() === "about:blank" || /^\/(m|reference)\//.test(path)) return page.goto(path, { waitUntil: "load" });
  const sort = (path) => path.split(/[/?]/)[1];
  const old = await page.locator(".page").elementHandle();
  const elsewhere = sort(new URL(page.url()).pathname) !== sort(path);
  await page.evaluate((path) => {
    history.pushState(null, "", path);
    dispatchEvent(new PopStateEvent("popstate"));
  }, path);
  // The page before stays in sight until the next one's program is there.
  if (elsewhere) await page.waitForFunction((old) => !old.isConnected, old);
}

async function strangers(browsing, server) {
  const { login, password } = server.accounts.erring;
  const page = await browsing.page();
  await go(page, "/sign-in?failed=no_account");
  await browsing.checkAll(page, "sign in", "form");
  await page.locator("input").first().fill(login);
  await page.locator("input").nth(1).fill(password);
  await page.keyboard.press("Enter");
  await browsing.checkAll(page, "second factor", "[autocomplete=one-time-code]");
  await page.locator("[autocomplete=one-time-code]").fill("000000");
  await page.keyboard.press("Enter");
  await browsing.checkAll(page, "wrong code", ".problem");
}

async function clerks(browsing, server) {
  const { purpose, basis, here } = server;
  const page = await browsing.page({
    as: server.accounts.clerk,
    ground: { purpose, basis, kind: "person", by: "id_number" },
  });
  await go(page, "/");
  await browsing.checkAll(page, "home", ".map canvas, .map .leaflet-pane");
  await go(page, "/lookup");
  await browsing.checkAll(page, "look-up, empty", ".value input");
  await page.locator(".value input").fill("990101190001010000");
  await page.keyboard.press("Enter");
  await browsing.checkAll(page, "look-up, nothing", ".card .empty");
  await page.locator(".value input").fill(here.number);
  await page.keyboard.press("Enter");
  await browsing.checkAll(page, "look-up", "table.data");
}

async function readers(browsing, server) {
  const { purpose, basis, here } = server;
  const page = await browsing.page({ as: server.accounts.clerk });
  await go(page, `/entities/person/${here.id}`);
  await browsing.checkAll(page, "entity, without a purpose", ".page h1");
  await go(page, `/entities/person/${here.id}?purpose=${purpose}&basis=${basis}`);
  await browsing.checkAll(page, "entity", "table.data");
  await page.getByRole("tab").nth(1).click();
  await page.locator(".empty button").click();
  await browsing.checkAll(page, "reasons", "table.data:visible");
  for (const [path, shown] of [
    ["/jobs", ".page .list-end, .page .empty"],
    ["/interface", ".page details"],
    ["/nothing-here", ".page .empty"],
  ]) {
    await go(page, path);
    await browsing.checkAll(page, path, shown);
  }
}

async function officers(browsing, server) {
  const page = await browsing.page({ as: server.accounts.officer });
  await go(page, "/catalog");
  await browsing.checkAll(page, "catalogue", "table.data");
  await go(page, "/catalog?q=nothing-of-this");
  await browsing.checkAll(page, "catalogue, nothing", ".card .empty");
  await page.locator(".page-extra button").click();
  await browsing.checkAll(page, "declaring", ".ant-drawer .field-group");
  await page.keyboard.press("Escape");
  await go(page, "/catalog/police.residents");
  await browsing.checkAll(page, "dataset", "table.data");
  await page.locator("table.data button").nth(2).click();
  await browsing.checkAll(page, "who else holds it", ".ant-drawer table.data");
}

/** Batches and their quality: of a register that comes from the district. */
async function qualityReaders(browsing, server) {
  const page = await browsing.page({ as: server.accounts.officer });
  await go(page, "/catalog/police.residents/batches");
  await browsing.checkAll(page, "batches", "table.data a, .trend");
  await page.locator("table.data a").first().click();
  await browsing.checkAll(page, "a batch's quality", ".measures");
}

/** A request between departments from its form to what comes of it: both sides' pages, and what comes back to them. */
async function sharers(browsing, server) {
  const { accounts, here } = server;
  const asker = await browsing.page({ as: accounts.asker });
  await go(asker, "/catalog/police.residents");
  await asker.locator(".page-extra button").click();
  const form = asker.locator(".ant-drawer form");
  await browsing.checkAll(asker, "request, its form", ".ant-drawer .field-group");
  await form.getByRole("checkbox").nth(1).check();
  await choose(asker, "目的", "办理事项", true, form.getByLabel("目的", { exact: true }));
  await choose(asker, "依据", "个人信息保护法", true, form.getByLabel("依据", { exact: true }));
  await form.locator("textarea").fill("办理高龄津贴");
  await form.locator("button[type=submit]").click();
  await asker.locator(".content button.ant-btn-primary").click();
  await asker.locator(".badge.masked").first().waitFor();
  const { pathname } = new URL(asker.url());

  const owner = await browsing.page({ as: accounts.officer });
  await go(owner, pathname);
  await owner.locator(".content form").first().waitFor();
  await owner.locator(".field-group > button").click();
  await browsing.checkAll(owner, "request, to be answered", ".field-group .form-row");
  await owner.locator(".field-group .form-row button").click();
  await owner.locator(".content button.ant-btn-primary").click();
  await owner.locator(".badge.good").first().waitFor();
  await go(owner, "/requests");
  await browsing.checkAll(owner, "requests", "table.data");

  await go(asker, "/requests");
  await asker.locator(`a[href="${pathname}"]`).click();
  await asker.locator(".content form input").nth(1).fill(here.record);
  await asker.locator(".content form button[type=submit]").first().click();
  await browsing.checkAll(asker, "grant in use", "table.data button.link");
  await asker.locator("table.data button.link").click();
  await asker.locator(".ant-drawer form input").fill("张更名");
  await asker.locator(".ant-drawer form textarea").fill("户口簿");
  await asker.locator(".ant-drawer form button[type=submit]").click();
  await asker.locator(".ant-drawer form").waitFor({ state: "detached" });
  await go(owner, "/corrections");
  await browsing.checkViews(owner, "corrections", "table.data");
  await owner.locator("table.data button").first().click();
  await browsing.checkViews(owner, "one correction", ".ant-drawer form");

  // About the clerk's look-up: what is asked about the share belongs to its own walk.
  const clerk = await browsing.page({ as: accounts.clerk });
  await go(clerk, `/entities/person/${here.id}?purpose=${server.purpose}&basis=${server.basis}`);
  await clerk.locator("table.data").waitFor();
  const resident = await browsing.page({ as: accounts.resident });
  await go(resident, "/mine");
  await resident.getByRole("tab").nth(2).click();
  await resident.getByRole("row", { name: /周敏/ }).first().locator("button.ant-btn").first().click();
  await browsing.checkViews(resident, "asking about a line", ".ant-drawer form");
  await resident.locator(".ant-drawer form textarea").fill("为什么？");
  await resident.locator(".ant-drawer form button[type=submit]").click();
  await resident.locator(".ant-drawer form").waitFor({ state: "detached" });
  await resident.locator("table.data button.link").first().click();
  await browsing.checkAll(resident, "my ledger with a question", "table.data .facts");
}

/** Residents' questions, to who answers: of another department, so that no walk answers them meanwhile. */
async function answerers(browsing, server) {
  const page = await browsing.page({ as: server.accounts.officer });
  await go(page, "/questions");
  await browsing.checkAll(page, "questions", ".card .empty, table.data");
}

/** Pairs that the program leaves to people. */
async function keepers(browsing, server) {
  const page = await browsing.page({
    as: server.accounts.keeper,
    ground: { purpose: "correct_data", basis: "data-sharing" },
  });
  await go(page, "/review");
  await browsing.checkAll(page, "review, without a purpose", ".ask");
  await page.locator(".ask .go button").click();
  await browsing.checkAll(page, "review", "table.data .weight");
  await go(page, `/entities/person/${server.here.id}?purpose=correct_data&basis=data-sharing`);
  await page.getByRole("tab").nth(1).click();
  await page.locator(".empty button").click();
  await browsing.checkAll(page, "reasons, and a word on them", ".timeline, form.below");
}

async function gridWorkers(browsing, server) {
  const { purpose, basis, here, there } = server;
  const page = await browsing.page({ as: server.accounts.grid });
  await go(page, `/entities/person/${there.id}?purpose=${purpose}&basis=${basis}`);
  await browsing.checkAll(page, "entity, refused", ".problem");
  await go(page, `/entities/person/${here.id}?purpose=${purpose}&basis=${basis}`);
  await browsing.checkAll(page, "entity, masked", "table.data");
}

async function auditors(browsing, server) {
  const page = await browsing.page({ as: server.accounts.auditor });
  await go(page, "/audit");
  await page.locator("table.data").waitFor();
  await browsing.check(page, "audit log, whole");
  await go(page, "/audit?action=split");
  await browsing.checkAll(page, "audit log, nothing", ".empty");
  // The same in few lines: axe looks at each of them.
  await go(page, `/audit?object=person:${server.here.id}`);
  await page.locator(".list-end .fine").waitFor();
  await browsing.checkAll(page, "audit log", "table.data");
  await page.locator("table.data button.ant-btn").last().click();
  await browsing.checkAll(page, "proof", ".verdict");
  await go(page, `/entities/person/${server.here.id}?purpose=audit&basis=${server.basis}`);
  await browsing.checkAll(page, "ledger", "table.data");
}

async function administrators(browsing, server) {
  const page = await browsing.page({ as: server.accounts.admin });
  await go(page, "/accounts");
  await browsing.checkAll(page, "accounts", "table.data");
  await page.locator("table.data button.ant-btn").first().click();
  await page.locator(".panel").nth(2).waitFor();
  await page.locator(".panel").nth(1).locator("button").last().click();
  await browsing.checkAll(page, "one account", ".panel");
  await page.reload();
  await page.locator(".page-extra button").click();
  await browsing.checkAll(page, "new account", "[role=dialog] form");
}

async function keyKeepers(browsing, server) {
  const page = await browsing.page({ as: server.accounts.admin });
  await go(page, "/keys");
  await browsing.checkAll(page, "keys", "table.data");
  await page.locator(".page-extra button").click();
  await browsing.checkAll(page, "new key", "[role=dialog] form");
  await go(page, "/own");
  await browsing.checkAll(page, "settings", ".page form");
  await page.setViewportSize(phone);
  await page.locator("header button").first().click();
  await browsing.checkAll(page, "menu", "[role=dialog]", [phone]);
}

/** Somebody without a second factor, who begins to set one up. */
async function beginners(browsing, server) {
  const page = await browsing.page({ as: server.accounts.beginner });
  await go(page, "/own");
  await page.locator("form input").first().fill(server.accounts.beginner.password);
  await page.keyboard.press("Enter");
  await browsing.checkAll(page, "second factor's code", ".qr");
}

async function residents(browsing, server) {
  const page = await browsing.page({ as: server.accounts.resident });
  await go(page, "/mine");
  await browsing.checkAll(page, "my record", "table.data");
  await page.getByRole("tab").nth(2).click();
  await browsing.checkAll(page, "my ledger", "table.data:visible");
}

async function residentsOnTelephones(browsing, server) {
  const page = await browsing.page({ as: server.accounts.resident, view: phone });
  await go(page, "/m/");
  await browsing.checkAll(page, "phone: record", ".values");
  for (const at of [1, 2]) {
    await page.locator(".tabs button").nth(at).click();
    await browsing.checkAll(page, `phone: tab ${at}`, ".lines li");
  }
  const stranger = await browsing.page({ view: phone });
  await go(stranger, "/m/");
  await browsing.checkAll(stranger, "phone: sign in", "form");
}

/** The interface's reference: long pages without script, which have their language in their address. */
async function developers(browsing) {
  for (const path of ["/reference/", "/reference/en.html"]) {
    const page = await browsing.page();
    await go(page, path);
    await browsing.checkViews(page, path, "main section");
  }
}

/** By what the test of each is called; those that take longest begin. */
async function publicReaders(browsing) {
  const page = await browsing.page();
  await page.goto("/open/");
  await browsing.checkAll(page, "open data, list", ".cards .card");
  await page.goto("/open/?q=没有这样的数据");
  await browsing.checkAll(page, "open data, nothing", ".empty");
  await page.goto("/open/data/residents-by-street");
  await browsing.checkAll(page, "open data, table", ".scroll td");
  await page.locator(".tabs button").nth(1).click();
  await browsing.checkAll(page, "open data, chart", ".bars .bar");
  await page.locator(".tabs button").nth(2).click();
  await browsing.checkAll(page, "open data, map", ".map path");
  await page.locator(".versions button").first().click();
  await browsing.checkAll(page, "open data, difference", ".versions .scroll td");
  await page.goto("/open/data/nothing");
  await browsing.checkAll(page, "open data, unknown", ".trouble");
}

export const visits = {
  "open data": publicReaders,
  "the interface's reference": developers,
  "an auditor's": auditors,
  "a record, jobs, the interface": readers,
  "home and look-up": clerks,
  "an administrator's accounts": administrators,
  "keys, settings, the menu": keyKeepers,
  "the catalogue": officers,
  "batches and their quality": qualityReaders,
  "requests between departments": sharers,
  "questions of residents": answerers,
  "who is who": keepers,
  "a grid worker's": gridWorkers,
  "signing in": strangers,
  "a resident's": residents,
  "setting up a second factor": beginners,
  "the telephone page": residentsOnTelephones,
};
