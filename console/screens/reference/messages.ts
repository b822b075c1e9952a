// Texts of the reference of the API.

import { counted, messages } from '../../i18n/messages.ts';

export const referenceMessages = messages({
  en: {
    lead: 'What the key that is signed in may call; this console calls nothing else.',
    whole: 'The whole reference, with every field',
    document: 'OpenAPI document',
    findHint: 'Path, words, scope',
    all: 'Those of other keys too',
    counted: (count: string) => counted(count, 'operation'),
    table: 'Operations of the API',
    columns: { method: 'Method', path: 'Path', does: 'What it does', scope: 'Scope' },
    one: 'Operation',
    name: 'Name',
    scope: 'Scope needed',
    scopes: { public: 'none: anybody', key: 'any key', app: 'signed by an app' },
    mayNot: 'Not with this key.',
    operatorsOnly: 'Operators only, never a customer’s own key',
    curl: 'As a line for a shell',
    curlNote:
      'ROVERCAST_KEY is the key, from the environment. Names in capitals stand for what you put there.',
    more: 'Its fields in the reference',
  },
  zh: {
    lead: '当前登录的密钥可以调用的操作；本控制台也只调用这些。',
    whole: '完整参考（含全部字段）',
    document: 'OpenAPI 文档',
    findHint: '路径、关键词、权限',
    all: '同时显示其他密钥的操作',
    counted: (count: string) => `${count} 个操作`,
    table: 'API 操作',
    columns: { method: '方法', path: '路径', does: '作用', scope: '权限' },
    one: '操作',
    name: '名称',
    scope: '所需权限',
    scopes: { public: '无：任何人', key: '任意密钥', app: '由应用签名' },
    mayNot: '当前密钥不能调用。',
    operatorsOnly: '仅限运营方，客户自己的密钥不可调用',
    curl: '命令行',
    curlNote: '密钥取自环境变量；大写的名称请替换为实际值。',
    more: '在参考中查看其字段',
  },
});
