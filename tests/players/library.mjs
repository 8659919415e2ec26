// Uses the page of several sets, and prints one line of JSON.
//
//   node library.mjs --url http://127.0.0.1:PORT/ --shots DIRECTORY

import { join } from "node:path";
import { parseArgs } from "node:util";
import { report, withPage } from "./browser.mjs";

const { values } = parseArgs({ options: { url: { type: "string" }, shots: { type: "string" } } });

await report(async (result) => {
  await withPage({ viewport: { width: 1440, height: 900 } }, async (page) => {
    page.on("console", (message) => message.type() === "error" && result.failures.push(`console: ${message.text()}`));
    page.on("response", (response) => response.status() >= 400 && result.failures.push(`${response.status()} ${response.url()}`));
    await page.goto(values.url);
    await page.locator(".set").first().waitFor();
    await page.waitForFunction(() => [...document.images].every((image) => image.complete && image.naturalWidth > 0));
    await page.screenshot({ path: join(values.shots, "sets.png") });
    result.sets = await page.locator(".set strong").allTextContents();
    for (const [index, name] of result.sets.entries()) {
      await page.locator(".set").nth(index).click();
      await page.waitForFunction(() => document.querySelector("video")?.readyState >= 2);
      const title = await page.locator("#title").textContent();
      if (title !== name) result.failures.push(`${name} leads to ${title}`);
      await page.getByRole("link", { name: "All sets" }).last().click();
      await page.locator(".set").first().waitFor();
    }
  });
});
