import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { include: ["{shared,workbench,phone,open,tools}/**/*.test.ts"], environment: "node", testTimeout: 60_000 },
});
