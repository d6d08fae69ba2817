import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app";
import { startWords } from "./i18n";
import { settings } from "./settings";
import "./style.css";

startWords(settings().language);
const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
