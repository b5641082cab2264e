import { t } from "../strings";

/** Mark and name, above the heading of a page that stands alone. */
export function Brand() {
  return (
    <div className="brand">
      <img src="/assets/favicon.svg" alt="" />
      <span>{t("common.product")}</span>
    </div>
  );
}
