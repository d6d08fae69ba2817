// Walks through the front end in a real browser over a real server, as the people do whom it is for.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { choose, open, phone, signIn } from "./browser.mjs";
import { visits } from "./pages.mjs";
import { takePictures } from "./pictures.mjs";
import { codeFor, start } from "./server.mjs";

let server;
let browser;

/** A test that also fails by what went wrong beside what it looks at. */
function walk(name, steps) {
  test(name, async () => {
    const browsing = browser.browsing();
    let picture = join(process.env.ZHILI_WORK, `failed-${name.replace(/\W+/g, "-").slice(0, 40)}`);
    try {
      await steps(browsing);
      picture = undefined;
    } catch (error) {
      // What went wrong beside it often tells why.
      for (const finding of browsing.findings) console.error(finding);
      throw error;
    } finally {
      await browsing.end(picture);
    }
    assert.deepEqual(browsing.findings, []);
  });
}

const ground = () => ({ purpose: server.purpose, basis: server.basis });
const query = () => new URLSearchParams(ground());
const entity = (person) => `/entities/person/${person.id}?${query()}`;

/** What the page asks of paths that hold `part`, from now on. */
function requestsTo(page, part) {
  const asked = [];
  page.on("request", (request) => {
    if (request.url().includes(part)) asked.push(request.url());
  });
  return asked;
}

const titled = (page, title) => page.waitForFunction((title) => document.title === title, title);

/** Presses all buttons of a name, the last first: other walks ask about lines of the same resident. */
async function openAll(page, name) {
  const buttons = page.getByRole("button", { name });
  await buttons.first().waitFor();
  for (let at = (await buttons.count()) - 1; at >= 0; --at) await buttons.nth(at).click();
}

/** The clerk reads about the resident, so that there is something in the ledger. */
async function clerkReads(browsing) {
  const page = await browsing.page({ as: server.accounts.clerk });
  await page.goto(entity(server.here));
  await page
    .getByRole("row", { name: /公民身份号码/ })
    .getByText(server.here.number)
    .waitFor();
}

// None depends on what another one did, so that some go at the same time.
describe("web", { concurrency: 4 }, () => {
  before(async () => {
    server = await start();
    browser = await open(server.url);
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  // Axe looks at pages and knows no store: on PostgreSQL the rest is enough.
  for (const [name, visit] of process.env.ZHILI_STORE ? [] : Object.entries(visits))
    walk(`axe finds nothing on any page, desk and phone, Chinese and English: ${name}`, (browsing) =>
      visit(browsing, server),
    );

  walk(
    "a clerk signs in with a second factor, looks a person up, sees values, sources and reasons",
    async (browsing) => {
      const page = await browsing.page();
      await page.goto("/");
      await page.getByLabel("用户名").fill(server.accounts.newcomer.login);
      await page.getByLabel("口令", { exact: true }).fill("not the password at all");
      await page.getByRole("button", { name: "登录", exact: true }).click();
      await page.getByRole("alert").getByText("登录失败").waitFor();
      assert.equal(await page.getByLabel("用户名").inputValue(), server.accounts.newcomer.login);
      await signIn(page, server.accounts.newcomer);
      await page.getByRole("heading", { name: /郑明，您好/ }).waitFor();

      await page.getByRole("navigation").getByRole("link", { name: "查询" }).click();
      await page.getByText("人员", { exact: true }).click();
      await page.getByText("公民身份号码", { exact: true }).click();
      await choose(page, "查询目的", "办理事项");
      await choose(page, "法律依据", "个人信息保护法");
      await page.getByRole("textbox", { name: "公民身份号码" }).fill(server.here.number);
      await page.keyboard.press("Enter");
      await page.getByRole("link", { name: server.here.name }).click();

      const row = page.getByRole("row", { name: /公民身份号码/ });
      await row.getByText(server.here.number).waitFor();
      await row.getByText("公安局").waitFor();
      await page.getByRole("tab", { name: "融合依据" }).click();
      await page.getByRole("button", { name: "查看融合依据" }).click();
      await page.getByText(/条原始记录被认定为同一对象|只有一条原始记录/).waitFor();
      await page.getByRole("rowheader", { name: "常住人口登记", exact: true }).waitFor();
    },
  );

  walk(
    "pages bear the installation's name, and offer the organisation's sign-on only where there is one",
    async (browsing) => {
      const page = await browsing.page();
      await page.goto("/");
      await page.getByText("宁沐区", { exact: true }).waitFor();
      await titled(page, "登录 · 宁沐区");
      assert.equal(await page.getByText("使用单位统一身份登录").count(), 0);
      await page.getByRole("button", { name: "English" }).click();
      await page.getByText("Ningmu District", { exact: true }).waitFor();
      await titled(page, "Sign in · Ningmu District");
      await page.goto("/m/");
      await page.getByText("宁沐区", { exact: true }).waitFor();
      await titled(page, "我的档案 · 宁沐区");

      await page.route("**/api/v1/installation", async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, json: { ...(await response.json()), sign_on: true } });
      });
      await page.goto("/");
      const signOn = page.getByRole("link", { name: "Sign in with your organisation" });
      assert.equal(await signOn.getAttribute("href"), "/api/v1/sign-on");
      await browsing.check(page, "sign in, with a provider");
    },
  );

  walk("a grid worker is refused outside the grid, and told by which rule", async (browsing) => {
    const page = await browsing.page({ as: server.accounts.grid, ground: ground() });
    await page.goto(entity(server.here));
    await page.getByRole("row", { name: /姓名/ }).getByText(server.here.name.slice(0, 1)).waitFor();
    // What lies above the post's grade is masked or refused, with the reason beside it.
    await page
      .getByText(/已遮蔽|不可查看/)
      .first()
      .waitFor();

    await page.goto(entity(server.there));
    const problem = page.getByRole("alert");
    await problem.waitFor();
    assert.match(await problem.textContent(), /区域/);
    // What to do next, and no button that would only be refused, and logged, once more.
    await problem.getByText(/请转由该区域的工作人员办理/).waitFor();
    assert.equal(await problem.getByRole("button", { name: "重试" }).count(), 0);
    assert.equal(await page.getByText(server.there.name).count(), 0);
    // In another language it says the same, and nobody was asked again: that would be another entry of the log.
    const asked = requestsTo(page, "/entities/");
    await page.getByRole("button", { name: "English" }).click();
    await problem.getByText("Not allowed", { exact: true }).waitFor();
    assert.doesNotMatch(await problem.textContent(), /[\u4e00-\u9fff]/);
    assert.deepEqual(asked, []);
    await page.getByRole("button", { name: "中文" }).click();
    await problem.getByText("不允许", { exact: true }).waitFor();

    await page.goto("/lookup");
    await page.getByText("人员", { exact: true }).click();
    await page.getByText("公民身份号码", { exact: true }).click();
    await page.getByRole("textbox", { name: "公民身份号码" }).fill(server.there.number);
    await page.keyboard.press("Enter");
    await page.getByText("您的岗位区域内没有找到").waitFor();
    assert.equal(await page.getByText(server.there.name).count(), 0);
    // Word for word what a number that nobody has is answered with.
    const said = await page.locator(".card", { hasText: "查询结果" }).textContent();
    await page.getByRole("textbox", { name: "公民身份号码" }).fill("990101190001010000");
    const answered = page.waitForResponse("**/api/v1/lookups");
    await page.keyboard.press("Enter");
    assert.equal((await answered).status(), 200);
    await page.getByText("您的岗位区域内没有找到").waitFor();
    assert.equal(await page.locator(".card", { hasText: "查询结果" }).textContent(), said);
  });

  walk("a system queries by its key, and the resident sees that and the others in the ledger", async (browsing) => {
    await clerkReads(browsing);
    const { items } = await server.lookUp(server.here.number);
    assert.ok(items.some((item) => item.id === server.here.id));
    const page = await browsing.page({ as: server.accounts.resident });
    await page.goto("/mine");
    await page
      .getByRole("row", { name: /公民身份号码/ })
      .getByText(server.here.number)
      .waitFor();
    await page.getByRole("tab", { name: "谁看过我的数据" }).click();
    const ledger = page.getByRole("region", { name: "查询留痕" });
    await ledger.getByText("周敏").first().waitFor();
    await ledger.getByText("测试系统").first().waitFor();
    await ledger.getByText("办理事项").first().waitFor();
  });

  walk(
    "an auditor has the browser verify an entry's proof, and sees who looked but not what there was",
    async (browsing) => {
      await clerkReads(browsing);
      const page = await browsing.page({ as: server.accounts.auditor });
      await page.goto("/audit");
      await page
        .getByRole("button", { name: /核验第/ })
        .nth(3)
        .click();
      await page.getByText("核验通过：该条目确在日志中").waitFor();
      await page.keyboard.press("Escape");
      await page.goto(`/entities/person/${server.here.id}?purpose=audit&basis=${server.basis}`);
      await page.getByRole("region", { name: "查询留痕" }).getByText("周敏").first().waitFor();
      assert.equal(await page.getByText(server.here.number).count(), 0);
    },
  );

  walk("an auditor asks the log for people, departments and deeds by what they are called", async (browsing) => {
    await clerkReads(browsing);
    const page = await browsing.page({ as: server.accounts.auditor });
    await page.goto("/audit");
    await choose(page, "操作人", "周敏 · 民政局", "zhoum");
    await choose(page, "部门", "民政局", true);
    await choose(page, "动作", "披露个人信息", true);
    await page.getByRole("button", { name: "筛选" }).click();
    await page.waitForURL(/actor=account%3A.*action=disclose/);
    // The unfiltered list may stand there for a moment longer.
    const actors = page.locator("td[data-label=操作人]");
    await actors.filter({ hasNotText: "周敏" }).first().waitFor({ state: "detached" });
    await actors.filter({ hasText: /^周敏/ }).first().waitFor();
    await page.locator(".filter").getByText("周敏 · 民政局").waitFor();

    // An id as it stands in a report does, too; and one that nobody has finds nothing.
    await page.getByRole("button", { name: "清除" }).click();
    await choose(page, "对象", `person:${server.here.id}`, true);
    await page.getByRole("button", { name: "筛选" }).click();
    await page.waitForURL(/object=person/);
    await page.getByText(`person:${server.here.id}`).nth(1).waitFor();
    await page.getByLabel("操作人", { exact: true }).fill("查无此人");
    await page.getByText("没有这个名字的账号或系统").waitFor();
    await page.keyboard.press("Escape");

    // A stretch of the log without a hit is not its end.
    await page.route(/audit\/entries\?.*action=merge/, (route) =>
      route.fulfill({
        json: { items: [], size: 50_000, ...(!route.request().url().includes("cursor=") && { next: "a" }) },
      }),
    );
    await page.goto("/audit?action=merge");
    await page.getByRole("button", { name: "继续查找更早的" }).click();
    await page.getByText("没有符合条件的记录").waitFor();
  });

  walk("who else holds a field is one question, and an officer declares a dataset", async (browsing) => {
    const clerk = await browsing.page({ as: server.accounts.clerk });
    await clerk.goto("/catalog");
    await clerk.getByLabel("查找").fill("残疾");
    await choose(clerk, "共享属性", "有条件共享", true);
    await clerk.getByRole("button", { name: "筛选" }).click();
    await clerk.waitForURL(/q=.*sharing=conditional/);
    await clerk.getByRole("link", { name: "残疾人证" }).click();
    await clerk.getByRole("heading", { name: "残疾人证" }).waitFor();
    await clerk.getByRole("button", { name: "谁还有“监护人”" }).click();
    const holders = clerk.getByRole("dialog", { name: "谁还有“监护人”" });
    await holders.getByRole("rowheader", { name: "教育局" }).waitFor();
    assert.equal(await clerk.getByRole("button", { name: "变更目录条目" }).count(), 0);

    const officer = await browsing.page({ as: server.accounts.officer });
    await officer.goto("/catalog");
    await officer.getByRole("button", { name: "编目登记" }).click();
    const form = officer.getByRole("dialog", { name: "编目登记" });
    await form.getByLabel("标识", { exact: true }).fill("police.moves");
    await form.getByLabel("资源代码").fill("306012/000009");
    await form.getByLabel("名称", { exact: true }).first().fill("户口迁移登记");
    await form.getByLabel("英文名称").first().fill("moves of residence");
    await form.getByLabel("摘要").fill("户口迁入和迁出");
    await form.getByLabel("共享条件").fill("用于身份核验");
    await form.getByLabel("字段标识").fill("number");
    await form.getByLabel("名称", { exact: true }).nth(1).fill("迁移证号");
    await form.getByLabel("英文名称").nth(1).fill("number of the move");
    await form.getByRole("button", { name: "增加信息项" }).click();
    // What the standard says of the fact is filled in.
    await choose(officer, "数据元", "学校", true, form.getByLabel("数据元", { exact: true }).nth(1));
    await form.getByRole("button", { name: "编目登记" }).click();
    await form.getByText("“学校”已由教育局的education.pupils采集").waitFor();
    await form.getByLabel("采集理由").nth(1).fill("核对迁移学生的落户");
    await form.getByRole("button", { name: "编目登记" }).click();
    await officer.getByRole("heading", { name: "户口迁移登记" }).waitFor();
    await officer.getByRole("button", { name: "变更目录条目" }).click();
    const change = officer.getByRole("dialog", { name: "变更目录条目" });
    await change.getByLabel("摘要").fill("户口的迁入与迁出");
    await change.getByRole("button", { name: "变更目录条目" }).click();
    await officer.getByText("户口的迁入与迁出").first().waitFor();
    await officer.getByRole("rowheader", { name: "2" }).waitFor();
  });

  walk("who is who: a keeper reviews by keys, takes a word back, and parts two records", async (browsing) => {
    const page = await browsing.page({
      as: server.accounts.keeper,
      ground: { purpose: "correct_data", basis: "data-sharing" },
    });
    await page.goto("/review");
    await page.getByRole("button", { name: "开始甄别" }).click();
    await page.getByText("第 1 对").waitFor();
    await page.getByText("关键的一对记录").waitFor();
    const standing = await page.getByRole("button", { name: /^人员/ }).textContent();
    await page.keyboard.press("2");
    await page.getByText("第 2 对").waitFor();
    await page.getByText("关键的一对记录").waitFor();
    assert.notEqual(await page.getByRole("button", { name: /^人员/ }).textContent(), standing);
    await page.keyboard.press("0");
    await page.getByText("第 1 对").waitFor();
    await page.keyboard.press("3");
    await page.getByText("第 2 对").waitFor();
    // While somebody writes, a digit is a digit.
    await page.getByLabel("认定理由").fill("核对 1 次");
    await page.getByLabel("认定理由").press("1");
    await page.getByText("第 2 对").waitFor();

    await page.goto(`/entities/person/${server.here.id}?purpose=correct_data&basis=data-sharing`);
    await page.getByRole("tab", { name: "融合依据" }).click();
    await page.getByRole("button", { name: "查看融合依据" }).click();
    await page.getByRole("heading", { name: "变化经过" }).waitFor();
    if ((await page.getByRole("button", { name: "不是同一对象" }).count()) === 0) return;
    const records = await page.getByRole("heading", { name: /条原始记录/ }).textContent();
    const links = await page.locator("tr.chosen").count();
    if (links === 0) return;
    await page.getByLabel("认定理由").fill("本人到场核实");
    await page.getByRole("button", { name: "不是同一对象" }).last().click();
    await page.getByText("人工认定不是同一对象").first().waitFor();
    assert.notEqual(await page.getByRole("heading", { name: /条原始记录/ }).textContent(), records);
    await page.getByRole("button", { name: "撤销" }).first().click();
    await page.getByText("撤销了人工认定").first().waitFor();
    assert.equal(await page.getByRole("heading", { name: /条原始记录/ }).textContent(), records);
  });

  walk("an officer sends a batch, loses the network in between, and reads its quality", async (browsing) => {
    const page = await browsing.page({ as: server.accounts.officer });
    await page.goto("/catalog/police.addresses");
    await page.getByRole("link", { name: "批次" }).click();
    await page.getByRole("heading", { name: "标准地址：数据批次" }).waitFor();
    const rows = Array.from({ length: 300 }, (_, n) => `DZ${n},光明路${n}号,瑞湾社区,和光花园,7,124.5,30.5,2026-01-31`);
    rows[4] = "DZ4,光明路4号,瑞湾社区,和光花园,七层,124.5,95,2026-01-31";
    const content = `地址编码,标准地址,社区,小区名称,地上层数,经度,纬度,更新时间\n${rows.join("\n")}\n`;
    const send = async (batch, text) => {
      await page.getByRole("textbox", { name: "批次" }).fill(batch);
      await page
        .getByLabel("文件")
        .setInputFiles({ name: `${batch}.csv`, mimeType: "text/csv", buffer: Buffer.from(text) });
      await page.getByRole("button", { name: "上传批次" }).click();
    };
    // The first part is lost on its way; it is sent again by itself.
    let lost = 0;
    await page.route("**/api/v1/uploads/*", (route) =>
      route.request().method() === "PATCH" && lost++ === 0 ? route.abort("internetdisconnected") : route.fallback(),
    );
    await send("第一批", content);
    await page.getByRole("heading", { name: "标准地址：批次 第一批" }).waitFor();
    assert.equal(lost, 2);
    await page
      .getByRole("row", { name: /地上层数/ })
      .getByText("格式不对: 1")
      .waitFor();
    await page.getByRole("row", { name: /纬度/ }).getByText("超出范围: 1").waitFor();
    await page.getByRole("region", { name: "最需要看的行" }).getByRole("rowheader", { name: "6" }).waitFor();

    // Far fewer rows wait for the owner's word.
    await page.getByRole("link", { name: "全部批次" }).click();
    await send("第二批", content.split("\n").slice(0, 100).join("\n"));
    await page.getByText("行数比上一批次明显减少").waitFor();
    await page.getByLabel("理由").fill("已与源系统核对");
    await page.getByRole("button", { name: "放行" }).click();
    await page.getByText("已入库").waitFor();
    await page.getByRole("link", { name: "全部批次" }).click();
    await choose(page, "信息项", "地上层数", true);
    await page.getByRole("region", { name: "质量走势" }).getByRole("rowheader", { name: "第一批" }).waitFor();

    // A file that is none of this dataset's is refused with the way out.
    await send("第三批", content.replace("社区", "小区"));
    await page.getByText("批次未入库").waitFor();
  });

  walk(
    "a department asks for data, is granted less, queries it; the resident sees that, asks and is answered",
    async (browsing) => {
      const asker = await browsing.page({ as: server.accounts.asker });
      await asker.goto("/catalog/police.residents");
      await asker.getByRole("button", { name: "申请共享" }).click();
      const form = asker.getByRole("dialog", { name: "申请共享：常住人口登记" });
      await form.getByRole("button", { name: "存为草稿" }).click();
      await form.getByText("请至少选一个信息项").waitFor();
      for (const field of [/^姓名/, /^联系电话/, /^公民身份号码/])
        await form.getByRole("checkbox", { name: field }).check();
      await choose(asker, "目的", "办理事项", true, form.getByLabel("目的", { exact: true }));
      await choose(asker, "依据", "个人信息保护法", true, form.getByLabel("依据", { exact: true }));
      await form.getByLabel("申请理由").fill("办理高龄津贴，核对联系方式");
      await form.getByRole("button", { name: "存为草稿" }).click();
      await asker.getByRole("button", { name: "提交申请" }).click();
      await asker.getByText("待答复").waitFor();
      await asker.getByText("还有 10 个工作日").waitFor();
      const { pathname } = new URL(asker.url());

      // The owner opens less than was asked for.
      const owner = await browsing.page({ as: server.accounts.officer });
      await owner.goto("/requests?side=answers&state=submitted");
      await owner.locator(`a[href="${pathname}"]`).click();
      await choose(owner, "公民身份号码：如何开放", "遮蔽后开放");
      await choose(owner, "联系电话：如何开放", "不开放");
      await owner.getByLabel("答复说明").fill("只开放所需信息项");
      await owner.getByRole("button", { name: "同意" }).click();
      await owner.getByText("已授权").first().waitFor();
      await owner.getByText("公民身份号码 · 已遮蔽").waitFor();

      await asker.reload();
      await asker.getByLabel("人员编号").fill(server.here.record);
      await asker.getByRole("button", { name: "查询", exact: true }).click();
      const told = asker.getByRole("region", { name: "按授权查询" });
      await told.getByText(server.here.name).waitFor();
      await told.getByText("已遮蔽").waitFor();
      await asker.getByRole("button", { name: "生成文件" }).click();
      const download = asker.waitForEvent("download");
      await asker.getByRole("button", { name: /^下载 / }).click();
      assert.match((await download).suggestedFilename(), /\.jsonl$/);
      await asker.getByRole("region", { name: "调用记录" }).getByText("批量文件").first().waitFor();

      // A wrong value goes to its owner and back.
      await told.getByRole("button", { name: /^申请更正：姓名/ }).click();
      const claim = asker.getByRole("dialog", { name: "申请更正" });
      await claim.getByLabel("应为").fill("张更名");
      await claim.getByLabel("依据和理由").fill("本人出示的户口簿");
      await claim.getByRole("button", { name: "申请更正" }).click();
      await asker.getByText("更正申请已交提供部门").waitFor();
      await owner.goto("/corrections");
      await owner.getByRole("button", { name: "查看内容：常住人口登记 姓名" }).first().click();
      const decision = owner.getByRole("dialog", { name: "数据更正" });
      await decision.getByText("张更名").waitFor();
      await decision.getByText("先标记为有误").click();
      await decision.getByLabel("答复").fill("已核实");
      await decision.getByRole("button", { name: "答复" }).click();
      await owner.getByText("已采纳").first().waitFor();
      await asker.getByRole("button", { name: "查询", exact: true }).click();
      await told.getByText("提供部门已确认有误").waitFor();

      // The resident's page "who read my data".
      const resident = await browsing.page({ as: server.accounts.resident });
      await resident.goto("/mine");
      await resident.getByRole("tab", { name: "谁看过我的数据" }).click();
      const line = resident.getByRole("row", { name: /人力资源和社会保障局/ }).first();
      await line.getByText("常住人口登记").waitFor();
      await line.getByText("公民身份号码 · 已遮蔽").waitFor();
      await line.getByRole("button", { name: /^询问或异议/ }).click();
      const question = resident.getByRole("dialog", { name: "询问或异议" });
      await question.getByLabel("您的问题").fill("为什么查询我的电话？");
      await question.getByRole("button", { name: "提交" }).click();
      await resident
        .getByText(/待答复，还有 15 个工作日/)
        .first()
        .waitFor();
      await asker.goto("/questions");
      await asker
        .getByRole("button", { name: /^查看内容/ })
        .first()
        .click();
      const answer = asker.getByRole("dialog", { name: "询问内容" });
      await answer.getByText("为什么查询我的电话？").waitFor();
      if (!process.env.ZHILI_STORE) await browsing.check(asker, "answering a resident");
      await answer.getByLabel("答复").fill("为核对您申请的高龄津贴。");
      await answer.getByRole("button", { name: "答复" }).click();
      await asker.getByText("没有待答复的询问").waitFor();
      await resident.reload();
      await resident.getByRole("tab", { name: "谁看过我的数据" }).click();
      await openAll(resident, "查看问与答");
      await resident.getByText("为核对您申请的高龄津贴。").waitFor();
    },
  );

  walk("anybody finds open data, looks at it in three ways, embeds it, and asks for more", async (browsing) => {
    const page = await browsing.page();
    await page.goto("/open/");
    await page.getByRole("searchbox", { name: "查找数据" }).fill("年龄");
    await page.keyboard.press("Enter");
    await page.getByText("共 1 个数据集").waitFor();
    await page.getByRole("link", { name: "各街道常住人口年龄结构" }).click();
    await page.getByText("差分隐私，ε = 1").waitFor();
    await titled(page, "各街道常住人口年龄结构 · 开放数据");
    const cells = page.locator(".scroll tbody tr");
    await page.getByRole("button", { name: "按“数量”排序" }).click();
    await page.locator("th[aria-sort=ascending]").waitFor();
    await page.getByRole("button", { name: "按“数量”排序" }).click();
    await page.locator("th[aria-sort=descending]").waitFor();
    const most = Number(await cells.first().locator("td").last().textContent());
    assert.ok(most > 20, `the largest count is ${most}`);
    await page.getByRole("searchbox", { name: "筛选行" }).fill("女 40-59");
    await page.keyboard.press("Enter");
    await page.getByText("2 行符合").waitFor();
    await page.getByRole("button", { name: "图表" }).click();
    await page.getByRole("table", { name: "按“年龄”统计的数量" }).getByRole("row", { name: /40-59/ }).waitFor();
    await page.getByRole("button", { name: "地图" }).click();
    await page.getByRole("img", { name: /各街道常住人口年龄结构的地图/ }).waitFor();
    await page.getByRole("button", { name: "与上一版比较" }).click();
    await page.getByRole("columnheader", { name: "上一版" }).waitFor();
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: "CSV", exact: true }).click();
    assert.equal((await download).suggestedFilename(), "residents-by-street-v2.csv");

    // Another site's page shows it; the rest of the server may not be shown so.
    const headers = async (path) => (await fetch(`${server.url}${path}`, { headers: { Accept: "text/html" } })).headers;
    const embedded = await headers("/open/embed/addresses");
    assert.equal(embedded.get("x-frame-options"), null);
    assert.match(embedded.get("content-security-policy"), /frame-ancestors \*/);
    assert.equal((await headers("/open/")).get("x-frame-options"), "DENY");
    await page.goto("/open/embed/addresses");
    await page.getByRole("heading", { name: "标准地址与坐标" }).waitFor();
    assert.equal(await page.locator("header").count(), 0);

    await page.goto("/open/");
    await page.getByLabel("需要什么数据").fill("电话 13800001111");
    await page.getByRole("button", { name: "提交请求" }).click();
    await page.getByRole("alert").waitFor();
    await page.getByLabel("需要什么数据").fill("公交站点");
    await page.getByRole("button", { name: "提交请求" }).click();
    await page.getByText("已收到，谢谢。").waitFor();
  });

  walk("a proof that is bent is not believed", async (browsing) => {
    const page = await browsing.page({ as: server.accounts.auditor });
    await page.route("**/proof", async (route) => {
      const response = await route.fetch();
      const proof = await response.json();
      proof.path[0] = proof.root;
      await route.fulfill({ response, json: proof });
    });
    await page.goto("/audit");
    await page
      .getByRole("button", { name: /核验第/ })
      .last()
      .click();
    await page.getByText("核验不通过").waitFor();
  });

  walk("an administrator makes an account, gives a post and a password; the newcomer signs in", async (browsing) => {
    const page = await browsing.page({ as: server.accounts.admin });
    await page.goto("/accounts");
    await page.getByRole("button", { name: "新增账号" }).click();
    await page.getByLabel("用户名").fill("lixin");
    await page.getByLabel("姓名").fill("李新");
    await page.getByRole("dialog").getByRole("button", { name: "新增账号" }).click();
    const panel = page.getByRole("dialog", { name: "管理账号：李新" });
    await panel.getByRole("button", { name: "授予岗位" }).click();
    await choose(page, "角色", "窗口人员", true);
    await choose(page, "部门", "民政局", true);
    await panel.getByRole("button", { name: "授予岗位" }).click();
    await panel.getByText("窗口人员 · 民政局 · 宁沐区").waitFor();
    await panel.getByRole("button", { name: "生成" }).click();
    const password = await panel.getByLabel("新口令").inputValue();
    await panel.getByRole("button", { name: "重置口令" }).click();
    await page.locator(".ant-popconfirm-buttons .ant-btn-primary").click();
    await page.getByText("口令已重置，所有会话已结束").waitFor();

    const newcomer = await browsing.page();
    await newcomer.goto("/");
    await newcomer.getByLabel("用户名").fill("lixin");
    await newcomer.getByLabel("口令", { exact: true }).fill(password);
    await newcomer.keyboard.press("Enter");
    await newcomer.getByRole("heading", { name: /李新，您好/ }).waitFor();
  });

  walk("a second factor is set up from the QR code's secret, and asked for from then on", async (browsing) => {
    const page = await browsing.page();
    await page.goto("/own");
    await signIn(page, server.accounts.plain);
    await page.getByLabel("请先输入口令确认是本人").fill(server.accounts.plain.password);
    await page.keyboard.press("Enter");
    await page.getByRole("img", { name: "动态口令二维码" }).waitFor();
    const newcomer = { ...server.accounts.plain, secret: await page.locator(".secret").textContent() };
    await page.getByLabel("输入验证器显示的 6 位动态口令").fill(await codeFor(newcomer));
    await page.keyboard.press("Enter");
    await page.getByText("动态口令已启用", { exact: true }).waitFor();
    const recovery = await page.locator(".codes li").first().textContent();

    const again = await browsing.page();
    await again.goto("/");
    await again.getByLabel("用户名").fill(newcomer.login);
    await again.getByLabel("口令", { exact: true }).fill(newcomer.password);
    await again.keyboard.press("Enter");
    await again.getByLabel("动态口令或恢复码").fill(recovery);
    await again.keyboard.press("Enter");
    await again.getByRole("heading", { name: /李平，您好/ }).waitFor();
  });

  walk("a key is issued, shown once, and revoked", async (browsing) => {
    const page = await browsing.page({ as: server.accounts.admin });
    await page.goto("/keys");
    await page.getByRole("button", { name: "签发密钥" }).click();
    await page.getByLabel("名称").fill("医保系统");
    await choose(page, "角色", "对接系统", true);
    await page.getByRole("dialog").getByRole("button", { name: "签发密钥" }).click();
    const shown = page.getByRole("dialog", { name: "请现在复制密钥" });
    const key = await shown.locator("pre").first().textContent();
    assert.match(key, /^key_.+\..+/);
    await shown.getByRole("button", { name: "我已妥善保存" }).click();
    await page
      .getByRole("row", { name: /医保系统/ })
      .getByRole("button")
      .click();
    await page.locator(".ant-popconfirm-buttons .ant-btn-primary").click();
    await page
      .getByRole("row", { name: /医保系统/ })
      .getByText("已吊销")
      .waitFor();
    const response = await fetch(`${server.url}/api/v1/words`, { headers: { Authorization: `Bearer ${key}` } });
    assert.equal(response.status, 401);
  });

  walk("the keyboard alone: sign in, look up, open, come back, look up again", async (browsing) => {
    const page = await browsing.page({
      as: server.accounts.clerk,
      ground: { ...ground(), kind: "person", by: "id_number" },
    });
    await page.goto("/lookup");
    const field = page.getByRole("textbox", { name: "公民身份号码" });
    await field.waitFor();
    assert.ok(await field.evaluate((element) => element === document.activeElement), "the field has the focus");
    await page.keyboard.type(server.there.number);
    await page.keyboard.press("Enter");
    const hit = page.getByRole("link", { name: server.there.name });
    await hit.waitFor();
    await page.waitForFunction(() => document.activeElement?.matches("tbody a"));
    await page.keyboard.press("Enter");
    await page
      .getByRole("row", { name: /公民身份号码/ })
      .getByText(server.there.number)
      .waitFor();
    await page.goBack();
    await hit.waitFor();
    await page.waitForFunction(() => document.activeElement?.matches("input"));
    await page.keyboard.type(server.here.number);
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: server.here.name }).waitFor();
    await page.waitForFunction(() => document.activeElement?.matches("tbody a"));
    await page.keyboard.press("Escape");
    assert.ok(await field.evaluate((element) => element === document.activeElement), "Escape leads back to the field");
  });

  walk("a lost network and an ended session lose nothing that was typed", async (browsing) => {
    const page = await browsing.page({
      as: server.accounts.returning,
      ground: { ...ground(), kind: "person", by: "id_number" },
    });
    await page.goto("/lookup");
    const field = page.getByRole("textbox", { name: "公民身份号码" });
    await field.fill(server.here.number);
    await page.context().setOffline(true);
    await page.keyboard.press("Enter");
    await page.getByText("网络不通，没有连上服务器").waitFor();
    await page.context().setOffline(false);
    assert.equal(await field.inputValue(), server.here.number);
    await page.context().clearCookies();
    await field.press("Enter");
    const again = page.getByRole("dialog", { name: "会话已结束" });
    await signIn(again, server.accounts.returning);
    await again.waitFor({ state: "hidden" });
    assert.equal(await field.inputValue(), server.here.number);
    await field.press("Enter");
    await page.getByRole("link", { name: server.here.name }).waitFor();
  });

  walk(
    "a resident on a telephone: sign in, own record, who looked, twice as large type, weak network",
    async (browsing) => {
      await clerkReads(browsing);
      const page = await browsing.page({ view: phone });
      await page.goto("/m/");
      await signIn(page, server.accounts.resident);
      await page.getByText(server.here.number).waitFor();
      await page
        .getByText(/来源 常住人口登记/)
        .first()
        .waitFor();
      const asked = requestsTo(page, "/entities/");
      await page.getByRole("button", { name: "English" }).click();
      await page
        .getByText(/^From /)
        .first()
        .waitFor();
      assert.deepEqual(asked, [], "to change the language is not to read again");
      await page.getByRole("button", { name: "中文" }).click();
      await page.addStyleTag({ content: "html { font-size: 200% }" }).catch(() => undefined);
      await browsing.check(page, "phone, twice as large");
      await page.getByRole("button", { name: "谁查过我" }).click();
      const line = page.getByRole("listitem").filter({ hasText: "周敏" }).first();
      await line.getByText("民政局").waitFor();
      await line.getByRole("button", { name: /^询问或异议/ }).click();
      await browsing.check(page, "phone, asking about a line");
      await line.getByLabel("您的问题").fill("为什么查看我的档案？");
      await line.getByRole("button", { name: "提交" }).click();
      await page
        .getByText(/^待答复/)
        .first()
        .waitFor();
      await openAll(page, "查看问与答");
      await page.getByText("为什么查看我的档案？").waitFor();
      await page.context().setOffline(true);
      await page.getByRole("button", { name: "批量处理" }).click();
      await page.getByText("网络不通").waitFor();
      await page.context().setOffline(false);
      await page.getByRole("button", { name: "重试" }).click();
      await page.getByText("已完成").first().waitFor();
    },
  );

  if (process.env.ZHILI_SHOTS)
    walk("pictures for the documents", (browsing) => takePictures(browsing, server, process.env.ZHILI_SHOTS));
});
