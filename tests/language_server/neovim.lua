-- Uses Landfall's language server as a person does in Neovim, and writes what was seen to the file in LANDFALL_SEEN.
local limit = 60000
local seen = {}

local function wait(what, condition)
  if not vim.wait(limit, condition, 10) then
    error('nothing came of: ' .. what)
  end
end

local function lines()
  return vim.api.nvim_buf_get_lines(0, 0, -1, false)
end

-- Whether the text is another one than before.
local function changed(before)
  return function() return not vim.deep_equal(before, lines()) end
end

-- Whoever is asked to choose takes the first.
vim.ui.select = function(items, _, choose) choose(items[1], 1) end

local function diagnostics()
  local all = {}
  for _, one in ipairs(vim.diagnostic.get(0)) do
    table.insert(all, { line = one.lnum, column = one.col, message = one.message, severity = one.severity })
  end
  return all
end

local function session()
  vim.cmd('edit plan.json')
  wait('opening a plan', function() return #vim.diagnostic.get(0) > 0 end)
  seen.diagnostics = diagnostics()

  -- A quick fix, on the misspelt field.
  local before = lines()
  vim.fn.search('memroy')
  vim.lsp.buf.code_action()
  wait('a code action', changed(before))
  wait('the cure', function() return #vim.diagnostic.get(0) == 0 end)
  seen.fixed = vim.fn.getline('.')

  vim.bo.expandtab, vim.bo.shiftwidth = true, 2
  before = lines()
  if vim.lsp.buf.format then
    vim.lsp.buf.format({ timeout_ms = limit })
  else
    vim.lsp.buf.formatting_sync(nil, limit)
  end
  wait('formatting', changed(before))
  seen.formatted = lines()

  -- What a field is, in a window of its own.
  vim.fn.cursor(1, 1)
  vim.fn.search('healthcheck')
  vim.lsp.buf.hover()
  local function float()
    for _, window in ipairs(vim.api.nvim_list_wins()) do
      if vim.api.nvim_win_get_config(window).relative ~= '' then return window end
    end
  end
  wait('hovering', float)
  seen.hover = table.concat(vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(float()), 0, -1, false), '\n')
  vim.api.nvim_win_close(float(), true)

  -- What can be written where a service is waited for.
  vim.fn.search('"depends_on": \\["\\zsdb')
  local at = vim.lsp.util.make_position_params(0, 'utf-16')
  local answers = vim.lsp.buf_request_sync(0, 'textDocument/completion', at, limit)
  for _, answer in pairs(answers or {}) do
    seen.completion = vim.tbl_map(function(item) return item.label end, answer.result.items)
  end

  -- From where a service is used to where it is made.
  vim.fn.search('"depends_on": \\["\\zsdb')
  local before_jump = vim.fn.line('.')
  vim.lsp.buf.definition()
  wait('going to the definition', function() return vim.fn.line('.') ~= before_jump end)
  seen.definition = { vim.fn.getline('.'), vim.fn.col('.') }

  before = lines()
  vim.lsp.buf.rename('database')
  wait('renaming', changed(before))
  seen.renamed = lines()
end

local ended, problem = pcall(session)
if ended then
  local file = assert(io.open(os.getenv('LANDFALL_SEEN'), 'w'))
  file:write(vim.json.encode(seen))
  file:close()
  vim.cmd('qall!')
else
  io.stderr:write(tostring(problem) .. '\n')
  vim.cmd('cquit')
end
