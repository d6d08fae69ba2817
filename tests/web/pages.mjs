// Every page and every state that hides something, one after another, each under axe.
function go(page, path) {
  return page.goto(path, { waitUntil: "load" });
}

const settled = (page) =>
  page
    .locator(".page h1")
    .waitFor()
    .then(() => page.locator(".loading").waitFor({ state: "detached" }));

async function strangers(browsing, server, setting) {
  const page = await browsing.page(setting);
  await go(page, "/sign-in?failed=no_account");
  await page.locator("form").waitFor();
  await browsing.check(page, "sign in");
  await page.locator("input").first().fill(server.accounts.clerk.login);
  await page.locator("input").nth(1).fill(server.accounts.clerk.password);
  await page.keyboard.press("Enter");
  await page.locator("[autocomplete=one-time-code]").waitFor();
  await browsing.check(page, "second factor");
  await page.locator("[autocomplete=one-time-code]").fill("000000");
  await page.keyboard.press("Enter");
  await page.locator(".problem").waitFor();
  await browsing.check(page, "wrong code");
}

async function clerks(browsing, server, setting) {
  const { purpose, basis, here } = server;
  const lookup = { purpose, basis, kind: "person", by: "id_number" };
  const page = await browsing.page({ ...setting, as: server.accounts.clerk, ground: lookup });
  await go(page, "/");
  await page.locator(".map canvas, .map .leaflet-pane").first().waitFor();
  await browsing.check(page, "home");
  await go(page, "/lookup");
  await settled(page);
  await browsing.check(page, "look-up, empty");
  await page.locator(".value input").fill("990101190001010000");
  await page.keyboard.press("Enter");
  await page.locator(".card .empty").waitFor();
  await browsing.check(page, "look-up, nothing");
  await page.locator(".value input").fill(here.number);
  await page.keyboard.press("Enter");
  await page.locator("table.data").waitFor();
  await browsing.check(page, "look-up");
  await go(page, `/entities/person/${here.id}`);
  await settled(page);
  await browsing.check(page, "entity, without a purpose");
  await go(page, `/entities/person/${here.id}?purpose=${purpose}&basis=${basis}`);
  await page.locator("table.data").waitFor();
  await browsing.check(page, "entity");
  await page.getByRole("tab").nth(1).click();
  await page.locator(".empty button").click();
  await page.locator("table.data:visible").first().waitFor();
  await page.waitForTimeout(500);
  await browsing.check(page, "reasons");
  for (const path of ["/jobs", "/interface", "/nothing-here"]) {
    await go(page, path);
    await settled(page);
    await browsing.check(page, path);
  }
}

async function gridWorkers(browsing, server, setting) {
  const { purpose, basis, here, there } = server;
  const page = await browsing.page({ ...setting, as: server.accounts.grid });
  await go(page, `/entities/person/${there.id}?purpose=${purpose}&basis=${basis}`);
  await page.locator(".problem").waitFor();
  await browsing.check(page, "entity, refused");
  await go(page, `/entities/person/${here.id}?purpose=${purpose}&basis=${basis}`);
  await page.locator("table.data").waitFor();
  await browsing.check(page, "entity, masked");
}

async function auditors(browsing, server, setting) {
  const page = await browsing.page({ ...setting, as: server.accounts.auditor });
  await go(page, "/audit");
  await page.locator("table.data").waitFor();
  await browsing.check(page, "audit log");
  await page.locator("table.data button.ant-btn").last().click();
  await page.locator(".verdict").waitFor();
  await browsing.check(page, "proof");
  await go(page, `/entities/person/${server.here.id}?purpose=audit&basis=${server.basis}`);
  await page.locator("table.data").waitFor();
  await browsing.check(page, "ledger");
}

async function administrators(browsing, server, setting) {
  const page = await browsing.page({ ...setting, as: server.accounts.admin });
  await go(page, "/accounts");
  await page.locator("table.data").waitFor();
  await browsing.check(page, "accounts");
  await page.locator("table.data button.ant-btn").first().click();
  await page.locator(".panel").nth(2).waitFor();
  await page.locator(".panel").nth(1).locator("button").last().click();
  await browsing.check(page, "one account");
  await go(page, "/accounts");
  await page.locator(".page-extra button").click();
  await page.getByRole("dialog").locator("form").waitFor();
  await browsing.check(page, "new account");
  await go(page, "/keys");
  await page.locator("table.data").waitFor();
  await browsing.check(page, "keys");
  await page.locator(".page-extra button").click();
  await page.getByRole("dialog").locator("form").waitFor();
  await browsing.check(page, "new key");
  await go(page, "/own");
  await settled(page);
  await browsing.check(page, "settings");
  if (setting.view.width < 860) {
    await page.locator("header button").first().click();
    await page.getByRole("dialog").waitFor();
    await browsing.check(page, "menu");
  }
}

/** Somebody without a second factor, who begins to set one up. */
async function beginners(browsing, server, setting) {
  const page = await browsing.page({ ...setting, as: server.accounts.beginner });
  await go(page, "/own");
  await settled(page);
  await page.locator("form input").first().fill(server.accounts.beginner.password);
  await page.keyboard.press("Enter");
  await page.locator(".qr").waitFor();
  await browsing.check(page, "second factor's code");
}

async function residents(browsing, server, setting) {
  const page = await browsing.page({ ...setting, as: server.accounts.resident });
  await go(page, "/mine");
  await page.locator("table.data").waitFor();
  await browsing.check(page, "my record");
  await page.getByRole("tab").nth(2).click();
  await page.locator("table.data:visible").first().waitFor();
  await browsing.check(page, "my ledger");
  await go(page, "/m/");
  await page.locator(".values").waitFor();
  await browsing.check(page, "phone: record");
  for (const at of [1, 2]) {
    await page.locator(".tabs button").nth(at).click();
    await page.locator(".lines li").first().waitFor();
    await browsing.check(page, `phone: tab ${at}`);
  }
  const stranger = await browsing.page(setting);
  await go(stranger, "/m/");
  await stranger.locator("form").waitFor();
  await browsing.check(stranger, "phone: sign in");
}

export async function everyPage(browsing, server, setting) {
  for (const visit of [strangers, clerks, gridWorkers, auditors, administrators, beginners, residents])
    await visit(browsing, server, setting);
}
