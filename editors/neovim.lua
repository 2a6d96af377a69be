-- Landfall's language server in Neovim 0.7 or newer, for JSON files; it is silent about those that are no plans.
local client

vim.api.nvim_create_autocmd('FileType', {
  pattern = { 'json', 'jsonc' },
  callback = function(event)
    local landfall = {
      name = 'landfall',
      cmd = { 'landfall', 'lsp' },
      on_exit = function() client = nil end,
    }
    if vim.lsp.start then
      vim.lsp.start(landfall)
    else
      client = client or vim.lsp.start_client(landfall)
      vim.lsp.buf_attach_client(event.buf, client)
      vim.bo[event.buf].omnifunc = 'v:lua.vim.lsp.omnifunc'
    end
  end,
})
