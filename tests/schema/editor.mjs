// Asks VS Code's JSON language service, as VS Code would: the document's `$schema` says which schema it has, or else `fallback`.
// Standard input: {"schemas": {file name: schema}, "fallback": file name, "questions": [{"kind", "path", "text", "offset"}]}.
// Standard output: one answer for each question, in order.
import { createRequire } from 'node:module'

const require = createRequire(process.argv[2] + '/')
const { getLanguageService, TextDocument } = require('vscode-json-languageservice')

const input = []
for await (const piece of process.stdin) input.push(piece)
const { schemas, fallback, questions } = JSON.parse(Buffer.concat(input))

const service = getLanguageService({
  schemaRequestService: async (uri) => {
    const name = uri.split('/').pop()
    if (!(name in schemas)) throw new Error(`nothing else is fetched: ${uri}`)
    return JSON.stringify(schemas[name])
  },
  workspaceContext: { resolveRelativePath: (path, document) => new URL(path, document).href },
  clientCapabilities: { textDocument: { completion: { completionItem: { documentationFormat: ['markdown'], snippetSupport: true } } } },
})
service.configure({ validate: true, schemas: [{ uri: `file:///schema/${fallback}`, fileMatch: ['*'], schema: schemas[fallback] }] })
const words = (markup) => markup === undefined || typeof markup === 'string' ? markup : markup.value

// Every key of an object and its children's, with the pointer of what it stands for.
function keys(node, pointer) {
  const escaped = (key) => String(key).replaceAll('~', '~0').replaceAll('/', '~1')
  switch (node.type) {
    case 'object':
      return node.properties.flatMap(({ keyNode, valueNode }) => {
        const at = `${pointer}/${escaped(keyNode.value)}`
        return [[at, keyNode.offset + 1], ...keys(valueNode, at)]
      })
    case 'array': return node.items.flatMap((item, index) => keys(item, `${pointer}/${index}`))
    default: return []
  }
}

async function answer({ kind, path, text, offset }) {
  const document = TextDocument.create(`file:///${path}`, 'json', 1, text)
  const parsed = service.parseJSONDocument(document)
  const hover = async (offset) => {
    const told = await service.doHover(document, document.positionAt(offset), parsed)
    return told === null ? null : told.contents.map(words).join('\n')
  }
  switch (kind) {
    case 'problems': {
      const problems = await service.doValidation(document, parsed, { trailingCommas: 'error', comments: 'error' })
      return problems.map(({ message, range }) => `${range.start.line + 1}: ${message}`)
    }
    case 'hover': return hover(offset)
    case 'hovers': {
      const told = []
      for (const [pointer, offset] of keys(parsed.root, '')) told.push([pointer, await hover(offset)])
      return told
    }
    case 'completion': {
      const { items } = await service.doComplete(document, document.positionAt(offset), parsed)
      return items.map(({ label, documentation, insertText, textEdit }) =>
        ({ label, documentation: words(documentation), text: textEdit?.newText ?? insertText }))
    }
    default: throw new Error(kind)
  }
}

const answers = []
for (const question of questions) answers.push(await answer(question))
process.stdout.write(JSON.stringify(answers))
