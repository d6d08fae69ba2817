// Chromium with a guard: whatever the pages ask of other hosts, break of their policy or throw, fails the test.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { codeFor, sessionOf } from "./server.mjs";

const require = createRequire(join(process.env.ZHILI_ROOT, "web/"));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

export const desk = { width: 1280, height: 860 };
export const phone = { width: 360, height: 740 };

/** What a page may say on the console: that the server refused, which the tests provoke, and that drawing the map
 * without a graphics card is slow. */
const expected =
  /Failed to load resource: the server responded with a status of (400|401|403|404|409|412|429|503)|net::ERR_INTERNET_DISCONNECTED|GL Driver Message .*Performance.*ReadPixels/;

export async function open(url) {
  const browser = await chromium.launch({
    executablePath: process.env.ZHILI_CHROMIUM,
    args: ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--disable-gpu-compositing"],
  });
  const cookies = new Map();
  /** Each account signs in once, whoever asks first. */
  const cookieOf = (account) => {
    if (!cookies.has(account.login)) cookies.set(account.login, sessionOf(url, account));
    return cookies.get(account.login);
  };
  return {
    browsing: () => new Browsing(browser, url, cookieOf),
    close: () => browser.close(),
  };
}

/** The pages of one test, and what went wrong beside what it looks at. */
class Browsing {
  #browser;
  #cookieOf;
  #contexts = [];
  findings = [];

  constructor(browser, url, cookieOf) {
    this.#browser = browser;
    this.#cookieOf = cookieOf;
    this.url = url;
  }

  /** Closes all pages of the test; of one that failed it leaves pictures. */
  async end(pictures) {
    const pages = this.#contexts.flatMap((context) => context.pages());
    if (pictures)
      for (const [at, page] of pages.entries())
        await page.screenshot({ path: `${pictures}-${at}.png` }).catch(() => undefined);
    await Promise.all(this.#contexts.map((context) => context.close()));
  }

  /** A page of somebody who is signed in, or of nobody. */
  async page({ as, view = desk, language = "zh", large = false, ground } = {}) {
    const context = await this.#browser.newContext({
      viewport: view,
      locale: "zh-CN",
      timezoneId: "Asia/Shanghai",
      baseURL: this.url,
    });
    this.#contexts.push(context);
    await context.addInitScript(
      ([language, large, lookup]) => {
        if (localStorage.getItem("zhili.settings")) return;
        localStorage.setItem("zhili.settings", JSON.stringify({ language, large, lookup }));
        localStorage.setItem("zhili.phone.language", language);
      },
      [language, large, ground ?? {}],
    );
    if (as) await context.addCookies([{ ...(await this.#cookieOf(as)), url: this.url, httpOnly: true }]);
    const page = await context.newPage();
    page.setDefaultTimeout(60_000); // A test asserts no time: this only ends what will never come.
    this.#watch(page);
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

  /** What axe finds, and whether the page is wider than its window. */
  async check(page, name) {
    // Over the debugging protocol, which the page's policy does not bind; once for each document.
    if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe);
    const found = await page.evaluate(async () => {
      const { violations } = await window.axe.run(document, { resultTypes: ["violations"] });
      return violations.flatMap(({ id, nodes }) =>
        nodes.map(
          ({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary?.split("\n")[1] ?? ""}`,
        ),
      );
    });
    this.findings.push(...found.map((one) => `${name}: axe ${one}`));
    await this.#checkWidth(page, name);
  }

  async #checkWidth(page, name) {
    const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    if (over > 0) this.findings.push(`${name}: ${over} px wider than the window`);
  }

  /** Checks what a page without switches shows on a desk and on a telephone. */
  async checkViews(page, name, shown) {
    for (const view of [desk, phone]) {
      await page.setViewportSize(view);
      await drawn(page, shown);
      await this.check(page, `${name}, ${view === desk ? "desk" : "phone"}`);
    }
  }

  /** Checks what the page shows on a desk and on a telephone, in Chinese and in English, and that it still fits in twice
   * as large a type; `shown` is what tells that it is there, `views` where there is such a thing. Begins and ends with
   * the page as it came. */
  async checkAll(page, name, shown, views = [desk, phone]) {
    const [first, second] = page.viewportSize().width === views[0].width ? views : views.toReversed();
    const look = async (view) => {
      if (!view) return;
      await page.setViewportSize(view);
      await drawn(page, shown);
      const language = await page.evaluate(() => document.documentElement.lang);
      const guise = `${name}, ${view === desk ? "desk" : "phone"}, ${language}`;
      await this.check(page, guise);
      if (view !== phone || !(await pressSwitch(page, "large"))) return;
      await drawn(page, shown);
      await this.#checkWidth(page, `${guise}, large type`);
      await pressSwitch(page, "large");
    };
    await look(first);
    await look(second);
    await turnLanguage(page);
    await look(second);
    await look(first);
    await turnLanguage(page);
    await drawn(page, shown);
  }
}

/** Presses one of the header's switches, also below a dialog, where no mouse reaches it. */
function pressSwitch(page, which) {
  return page.evaluate((which) => {
    const [large, language] = document.querySelectorAll(".switches button");
    const button = which === "large" ? large : (language ?? document.querySelector("header button[lang]"));
    button?.click();
    return button !== undefined && button !== null;
  }, which);
}

async function turnLanguage(page) {
  const before = await page.evaluate(() => document.documentElement.lang);
  if (!(await pressSwitch(page, "language"))) throw new Error(`${page.url()} has no switch for the language`);
  await page.waitForFunction((before) => document.documentElement.lang !== before, before);
}

async function drawn(page, shown) {
  await page.locator(shown).first().waitFor();
  await page.waitForFunction(() => !document.querySelector(".loading"));
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
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

/** Chooses in one of Ant Design's lists. Those that can be searched draw only what is in sight; `search` is what to type,
 * or that it is the option itself. */
export async function choose(page, label, option, search = false, field = page.getByLabel(label, { exact: true })) {
  await field.click();
  if (search) await page.keyboard.type(search === true ? option : search);
  await page.locator(".ant-select-dropdown:visible .ant-select-item-option", { hasText: option }).first().click();
}
