import { CopyOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

/** Copies a text, and says that it did. */
export function CopyButton(props: { text: string; primary?: boolean }) {
  const { t } = useTranslation();
  const [done, setDone] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(props.text);
      setDone(true);
    } catch {
      // Where the browser forbids it, the text stands beside the button to be marked by hand.
      setDone(false);
    }
  };
  return (
    <span>
      <Button type={props.primary ? "primary" : "default"} icon={<CopyOutlined aria-hidden />} onClick={copy}>
        {t("app.copy")}
      </Button>
      <span role="status" className="fine">
        {done ? ` ${t("app.copied")}` : ""}
      </span>
    </span>
  );
}
