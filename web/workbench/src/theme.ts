import type { ThemeConfig } from "antd";

const fonts =
  'system-ui, "PingFang SC", "Microsoft YaHei UI", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", sans-serif';

/** Colours keep 4.5 : 1 and more on white and on the page's grey (WCAG 2.2 AA). */
export function themeOf(large: boolean): ThemeConfig {
  return {
    token: {
      colorPrimary: "#0b5cad",
      colorInfo: "#0b5cad",
      colorLink: "#0b5cad",
      colorError: "#c0121a",
      colorSuccess: "#1c7430",
      colorWarning: "#8f5a00",
      colorText: "rgba(0, 0, 0, 0.88)",
      colorTextSecondary: "rgba(0, 0, 0, 0.72)",
      colorTextTertiary: "rgba(0, 0, 0, 0.68)",
      colorTextDescription: "rgba(0, 0, 0, 0.68)",
      colorTextPlaceholder: "rgba(0, 0, 0, 0.6)",
      colorTextDisabled: "rgba(0, 0, 0, 0.6)",
      colorWarningBg: "#fff8e8",
      colorWarningBorder: "#e0bb6c",
      colorErrorBg: "#fdf2f1",
      colorErrorBorder: "#e6a19d",
      colorSuccessBg: "#f2faf3",
      colorBorder: "#b8c0cc",
      colorBgLayout: "#f3f5f8",
      borderRadius: 6,
      fontFamily: fonts,
      fontSize: large ? 18 : 14,
      controlHeight: large ? 44 : 34,
      wireframe: false,
      motion: false,
    },
    components: {
      Tabs: { horizontalItemGutter: 24 },
      Form: { itemMarginBottom: 16, verticalLabelPadding: "0 0 4px" },
    },
  };
}
