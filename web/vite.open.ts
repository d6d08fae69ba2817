import { defineConfig } from "vite";

const server = process.env.ZHILI_SERVER ?? "http://127.0.0.1:8080";

export default defineConfig({
  root: "open",
  base: "/open/",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: process.env.ZHILI_WEB_OUT ? `${process.env.ZHILI_WEB_OUT}/open` : "../../build/web/open",
    emptyOutDir: true,
    // Telephones of ten years stay in use.
    target: ["es2020", "chrome80", "safari14"],
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  server: { proxy: { "/api": server } },
});
