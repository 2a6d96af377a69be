-- Uses the schema as a person does in Neovim, and writes what was seen to the file in LANDFALL_SEEN.
local limit = 60000
local seen = {}

local function wait(what, condition)
  if not vim.wait(limit, condition, 20) then
    error('nothing came of: ' .. what)
  end
end

-- The answer of the language server to a question about the place just behind the text.
local function ask(method, text)
  vim.fn.cursor(1, 1)
  vim.fn.search(text, 'e')
  local place = vim.lsp.util.make_position_params()
  local answers = vim.lsp.buf_request_sync(0, method, place, limit)
  for _, answer in pairs(answers or {}) do
    return answer.result
  end
end

local function session()
  vim.cmd('edit plan.json')
  wait('the mistake in the plan', function() return #vim.diagnostic.get(0) > 0 end)
  seen.diagnostics = {}
  for _, one in ipairs(vim.diagnostic.get(0)) do
    table.insert(seen.diagnostics, { line = one.lnum, message = one.message })
  end

  seen.hover = ask('textDocument/hover', '"stop_grace').contents
  seen.fields = {}
  for _, item in ipairs(ask('textDocument/completion', '"logging": { ').items) do
    seen.fields[item.label] = item.documentation
  end
end

local worked, why = pcall(session)
if not worked then seen.failed = tostring(why) end
local file = assert(io.open(vim.env.LANDFALL_SEEN, 'w'))
file:write(vim.fn.json_encode(seen))
file:close()
vim.cmd('qall!')
