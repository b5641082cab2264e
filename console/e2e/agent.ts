/** A small agent of our own, as an export would hold it. */
export const definition = {
  localeData: {
    en: { name: "Parcel desk", description: "Answers questions about parcels", defaultLanguage: "en" },
  },
  supportedLanguages: ["en"],
  defaultLanguage: "en",
  dialogs: [],
  dialogComponents: [],
  sentences: [],
};

export const config = { defaultLanguage: "en", supportedLanguages: ["en"] };
