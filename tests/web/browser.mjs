// Chromium with a guard: whatever the pages ask of other hosts, break of their policy or throw, fails the test.
import { createRequire } from "node:module";
import { join } from "node:path";
import { codeFor } from "./server.mjs";

const require = createRequire(join(process.env.ZHILI_ROOT, "web/"));
const { chromium } = require("playwright-core");
const { AxeBuilder } = require("@axe-core/playwright");

export const desk = { width: 1280, height: 860 };
export const phone = { width: 360, height: 740 };

/** What a page may say on the console: that the server refused, which the tests provoke. */
const expected =
  /Failed to load resource: the server responded with a status of (401|403|404|412|429|503)|net::ERR_INTERNET_DISCONNECTED/;

export async function open(url) {
  const browser = await chromium.launch({
    executablePath: process.env.ZHILI_CHROMIUM,
    args: ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"],
  });
  return new Browsing(browser, url);
}

class Browsing {
  #browser;
  #cookies = new Map();
  #contexts = [];
  /** What went wrong beside what a test looks at. */
  findings = [];

  constructor(browser, url) {
    this.#browser = browser;
    this.url = url;
  }

  close() {
    return this.#browser.close();
  }

  /** Closes all pages of a test; of one that failed it leaves pictures. */
  async endTest(pictures) {
    const pages = this.#contexts.flatMap((context) => context.pages());
    if (pictures)
      for (const [at, page] of pages.entries())
        await page.screenshot({ path: `${pictures}-${at}.png` }).catch(() => undefined);
    await Promise.all(this.#contexts.map((context) => context.close()));
    this.#contexts = [];
  }

  /** A page of somebody who is signed in, or of nobody. */
  async page({ as, view = desk, language = "zh", large = false, ground } = {}) {
    const context = await this.#browser.newContext({
      viewport: view,
      locale: "zh-CN",
      timezoneId: "Asia/Shanghai",
      baseURL: this.url,
    });
    await context.addInitScript(
      ([language, large, lookup]) => {
        if (localStorage.getItem("zhili.settings")) return;
        localStorage.setItem("zhili.settings", JSON.stringify({ language, large, lookup }));
        localStorage.setItem("zhili.phone.language", language);
      },
      [language, large, ground ?? {}],
    );
    const page = await context.newPage();
    this.#contexts.push(context);
    page.setDefaultTimeout(60_000); // A test asserts no time: this only ends what will never come.
    this.#watch(page);
    if (as) {
      if (!this.#cookies.has(as.login)) this.#cookies.set(as.login, await this.#signIn(as));
      await context.addCookies(this.#cookies.get(as.login));
    }
    return page;
  }

  #watch(page) {
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type()) && !expected.test(message.text()))
        this.findings.push(`${page.url()}: console: ${message.text()}`);
    });
    page.on("pageerror", (error) => this.findings.push(`${page.url()}: ${error.stack}`));
    page.on("request", (request) => {
      const { protocol, host } = new URL(request.url());
      const own = host === new URL(this.url).host;
      if (!own && !["data:", "blob:"].includes(protocol)) this.findings.push(`${page.url()} asks ${request.url()}`);
    });
  }

  /** Signs in by the form, both steps. */
  async #signIn(account) {
    const page = await this.page();
    await page.goto("/");
    await signIn(page, account);
    await page.locator(".page h1").waitFor();
    const cookies = await page.context().cookies();
    await page.context().close();
    return cookies;
  }

  /** What axe finds, and whether the page is wider than its window. */
  async check(page, name) {
    const { violations } = await new AxeBuilder({ page }).analyze();
    for (const { id, nodes } of violations)
      for (const node of nodes)
        this.findings.push(
          `${name}: axe ${id}: ${node.target.join(" ")}: ${node.failureSummary?.split("\n")[1] ?? ""}`,
        );
    const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    if (over > 0) this.findings.push(`${name}: ${over} px wider than the window`);
  }
}

export async function signIn(page, account) {
  await page.getByLabel(/^(用户名|Login name)$/).fill(account.login);
  await page.getByLabel(/^(口令|Password)$/).fill(account.password);
  await page.getByRole("button", { name: /^(登录|Sign in)$/ }).click();
  if (!account.secret) return;
  const code = page.getByLabel(/^(动态口令或恢复码|Code or recovery code)$/);
  await code.fill(await codeFor(account));
  await page.getByRole("button", { name: /^(验证|Verify)$/ }).click();
}

/** Chooses in one of Ant Design's lists. Those that can be searched draw only what is in sight. */
export async function choose(page, label, option, search = false) {
  await page.getByLabel(label, { exact: true }).click();
  if (search) await page.keyboard.type(option);
  await page.locator(".ant-select-dropdown:visible .ant-select-item-option", { hasText: option }).first().click();
}
