// Pictures of the main pages, for the documents.
import { join } from "node:path";
import { desk, phone } from "./browser.mjs";

async function picture(page, file, fullPage = false) {
  await page.waitForTimeout(400);
  await page.screenshot({ path: file, fullPage });
}

/** A pair that is left to people. */
async function pictureReview(browsing, keeper, file) {
  const page = await browsing.page({
    as: keeper,
    view: desk,
    ground: { purpose: "correct_data", basis: "data-sharing" },
  });
  await page.goto("/review");
  await page.locator(".ask .go button").click();
  await page.locator("table.data .weight").first().waitFor();
  await page.locator("table.data .badge.grade").first().waitFor();
  await picture(page, file, true);
}

export async function takePictures(browsing, server, directory) {
  const { accounts, purpose, basis, here } = server;
  const file = (name) => join(directory, `web_${name}.png`);
  const ground = { purpose, basis, kind: "person", by: "id_number" };
  const view = desk;

  const stranger = await browsing.page({ view });
  await stranger.goto("/");
  await stranger.locator("form").waitFor();
  await picture(stranger, file("sign_in"));

  const clerk = await browsing.page({ as: accounts.clerk, view, ground });
  await clerk.goto("/");
  await clerk.locator(".map canvas, .map .leaflet-pane").first().waitFor();
  await clerk.waitForTimeout(4000);
  await picture(clerk, file("home"));
  await clerk.goto("/lookup");
  await clerk.locator(".value input").fill(here.number);
  await clerk.keyboard.press("Enter");
  await clerk.locator("table.data").waitFor();
  await picture(clerk, file("lookup"));
  await clerk.goto(`/entities/person/${here.id}?purpose=${purpose}&basis=${basis}`);
  await clerk.locator("table.data").waitFor();
  await clerk.getByRole("tab").nth(1).click();
  await clerk.locator(".empty button").click();
  await clerk.locator("table.data:visible").first().waitFor();
  await clerk.waitForTimeout(1000);
  await picture(clerk, file("reasons"), true);

  const grid = await browsing.page({ as: accounts.grid, view });
  await grid.goto(`/entities/person/${here.id}?purpose=${purpose}&basis=${basis}`);
  await grid.locator("table.data").waitFor();
  await picture(grid, file("entity"));

  const auditor = await browsing.page({ as: accounts.auditor, view });
  await auditor.goto("/audit");
  await auditor.locator("table.data button.ant-btn").nth(3).click();
  await auditor.locator(".verdict").waitFor();
  await picture(auditor, file("audit"));

  const officer = await browsing.page({ as: accounts.officer, view });
  await officer.goto("/catalog/police.residents");
  await officer.locator("table.data").first().waitFor();
  await picture(officer, file("dataset"));
  await officer.goto("/catalog/police.residents/batches");
  await officer.locator("table.data a").first().click();
  await officer.locator(".measures").waitFor();
  await picture(officer, file("quality"));

  await pictureReview(browsing, accounts.keeper, file("review"));

  const admin = await browsing.page({ as: accounts.admin, view });
  await admin.goto("/accounts");
  await admin.locator("table.data").waitFor();
  await picture(admin, file("accounts"));

  const resident = await browsing.page({ as: accounts.resident, view: phone });
  await resident.goto("/m/");
  await resident.locator(".values").waitFor();
  await picture(resident, file("phone_record"));
  await resident.locator(".tabs button").nth(1).click();
  await resident.locator(".lines li").first().waitFor();
  await picture(resident, file("phone_ledger"));
}
