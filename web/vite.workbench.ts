import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const server = process.env.ZHILI_SERVER ?? "http://127.0.0.1:8080";

export default defineConfig({
  root: "workbench",
  base: "/",
  plugins: [react()],
  worker: { format: "es" },
  build: {
    outDir: process.env.ZHILI_WEB_OUT ?? "../../build/web",
    emptyOutDir: true,
    target: "es2022",
    // A preload polyfill would be an inline script, which the Content-Security-Policy forbids; so would data: workers.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
    reportCompressedSize: false,
  },
  server: { proxy: { "/api": server, "/log": server } },
});
