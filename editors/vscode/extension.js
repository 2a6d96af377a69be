// Landfall's language server in VS Code, for JSON files; it is silent about those that are no plans.
const { workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

exports.activate = () => {
  const command = workspace.getConfiguration("landfall").get("command");
  client = new LanguageClient(
    "landfall",
    "Landfall",
    { command, args: ["lsp"] },
    {
      documentSelector: [{ language: "json" }, { language: "jsonc" }],
      synchronize: { fileEvents: workspace.createFileSystemWatcher("**/*.json") },
    },
  );
  return client.start();
};

exports.deactivate = () => client?.stop();
