import { FontSizeOutlined, GlobalOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { change, useSettings } from "../settings";

export function DisplaySwitches() {
  const { t } = useTranslation();
  const { language, large } = useSettings();
  return (
    <span className="switches">
      <Button
        type="text"
        icon={<FontSizeOutlined aria-hidden />}
        aria-pressed={large}
        title={t(large ? "app.large_on" : "app.large_off")}
        onClick={() => change({ large: !large })}
        className={large ? "pressed" : ""}
      >
        <span className="wide-only">{t("app.large")}</span>
        <span className="narrow-only sr-only">{t("app.large")}</span>
      </Button>
      <Button
        type="text"
        icon={<GlobalOutlined aria-hidden />}
        title={t("app.language_label")}
        onClick={() => change({ language: language === "zh" ? "en" : "zh" })}
      >
        <span lang={language === "zh" ? "en" : "zh-CN"}>{t("app.language")}</span>
      </Button>
    </span>
  );
}
