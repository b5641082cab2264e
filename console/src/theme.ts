import {
  Alert,
  Badge,
  Button,
  createTheme,
  Input,
  Modal,
  Table,
  type CSSVariablesResolver,
  type MantineColorsTuple,
} from "@mantine/core";

/** The accent: shade 7 in the light theme, shade 4 in the dark one; both bear text at 4.5:1. */
const teal: MantineColorsTuple = [
  "#eefaf7",
  "#d8f1eb",
  "#b2e3d7",
  "#82d0bf",
  "#55bba7",
  "#2f9d8a",
  "#1c8473",
  "#126f60",
  "#0d594d",
  "#08433a",
];

/** Neutral greys of the light theme. */
const gray: MantineColorsTuple = [
  "#f8f9fa",
  "#f1f3f4",
  "#e6e8ea",
  "#d9dcdf",
  "#c3c8cc",
  "#9aa1a7",
  "#6b737a",
  "#535a61",
  "#363c42",
  "#202529",
];

/** Neutral greys of the dark theme. */
const dark: MantineColorsTuple = [
  "#d5d9dc",
  "#b6bbc0",
  "#969ca2",
  "#656b71",
  "#43484e",
  "#363b40",
  "#2a2e33",
  "#1d2024",
  "#17191c",
  "#101214",
];

export const theme = createTheme({
  primaryColor: "teal",
  primaryShade: { light: 7, dark: 4 },
  colors: { teal, gray, dark },
  fontFamily: "Inter, system-ui, -apple-system, 'Segoe UI', sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace",
  fontSizes: { xs: "13px", sm: "14px", md: "14px", lg: "16px", xl: "22px" },
  lineHeights: { xs: "1.4", sm: "1.45", md: "1.5", lg: "1.5", xl: "1.3" },
  spacing: { xs: "8px", sm: "12px", md: "16px", lg: "24px", xl: "32px" },
  headings: {
    fontWeight: "600",
    sizes: {
      h1: { fontSize: "22px", lineHeight: "1.3" },
      h2: { fontSize: "16px", lineHeight: "1.4" },
      h3: { fontSize: "14px", lineHeight: "1.4" },
    },
  },
  defaultRadius: "sm",
  radius: { xs: "3px", sm: "6px", md: "8px", lg: "12px" },
  respectReducedMotion: true,
  components: {
    Alert: Alert.extend({ defaultProps: { variant: "light" } }),
    Badge: Badge.extend({
      defaultProps: { variant: "light", size: "lg", fz: 13, px: 8, radius: "sm", tt: "none", fw: 500 },
      // A state that is cut says nothing.
      styles: { root: { flexShrink: 0, overflow: "visible" }, label: { overflow: "visible" } },
    }),
    Button: Button.extend({ defaultProps: { size: "sm" } }),
    InputWrapper: Input.Wrapper.extend({
      styles: { label: { marginBottom: 4 }, description: { marginBottom: 4 } },
    }),
    Modal: Modal.extend({
      defaultProps: {
        transitionProps: { transition: "fade", duration: 140 },
        centered: true,
        styles: { title: { fontSize: 16, fontWeight: 600 } },
        // A dialog's head is no banner of the page.
        attributes: { header: { role: "presentation" } },
      },
    }),
    Table: Table.extend({
      defaultProps: { fz: "xs", verticalSpacing: 9, horizontalSpacing: "sm" },
    }),
  },
});

/** Contrast of secondary text, placeholders and errors in both themes (4.5:1). */
export const cssVariablesResolver: CSSVariablesResolver = (t) => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": t.colors.gray[7],
    "--mantine-color-placeholder": t.colors.gray[6],
    "--mantine-color-error": "#b42323",
    "--mantine-color-text": t.colors.gray[9],
    "--mantine-color-anchor": t.colors.teal[7],
    "--ombud-page": "#ffffff",
    "--ombud-side": t.colors.gray[0],
    "--ombud-line": t.colors.gray[2],
    "--ombud-control-line": "#868e95",
    "--ombud-current": t.colors.teal[0],
    "--ombud-current-text": t.colors.teal[8],
    "--ombud-bubble": t.colors.gray[1],
    "--ombud-own-bubble": t.colors.teal[0],
    "--ombud-focus": t.colors.teal[7],
  },
  dark: {
    "--mantine-color-dimmed": t.colors.dark[1],
    "--mantine-color-placeholder": t.colors.dark[2],
    "--mantine-color-error": "#ff9a9a",
    "--mantine-color-text": "#e3e6e8",
    "--mantine-color-anchor": t.colors.teal[3],
    "--mantine-color-body": t.colors.dark[8],
    "--ombud-page": t.colors.dark[8],
    "--ombud-side": t.colors.dark[9],
    "--ombud-line": t.colors.dark[6],
    "--ombud-control-line": "#7b8188",
    "--ombud-current": "#15302b",
    "--ombud-current-text": t.colors.teal[3],
    "--ombud-bubble": t.colors.dark[7],
    "--ombud-own-bubble": "#15302b",
    "--ombud-focus": t.colors.teal[4],
  },
});
