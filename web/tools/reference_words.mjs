// What the reference says beside the contract, in both languages.
const firstCall = `ZHILI=https://zhili.example
KEY=key_….…
curl -H "Authorization: Bearer $KEY" "$ZHILI/api/v1/words"`;

const sessionCall = `curl -c cookies.txt -H "Content-Type: application/json" "$ZHILI/api/v1/session" \\
  -d '{"login": "lin", "password": "…"}'
curl -b cookies.txt "$ZHILI/api/v1/session"
CSRF=…        # "csrf" of the answer`;

export const words = {
  zh: {
    lang: "zh-CN",
    title: "智理接口文档",
    workbench: "工作台",
    other: { href: "/reference/en.html", lang: "en", name: "English" },
    contents: "目录",
    begin: "开始",
    schemas: "数据结构",
    problems: "错误",
    name: "名称",
    type: "类型",
    note: "说明",
    place: "位置",
    required: "必填",
    parameters: "参数",
    body: "请求体",
    example: "示例",
    otherwise: "其他状态",
    who: "认证",
    id: "编号",
    open: "无需登录",
    or: " 或 ",
    schemes: { session: "会话（Cookie）", key: "接口密钥（Bearer）" },
    places: { path: "路径", query: "查询参数", header: "请求头", cookie: "Cookie" },
    introduction: [
      "本页由服务器的接口契约（OpenAPI 3.1）生成，与服务器校验请求所用的是同一份。工作台与手机页面也只用这些接口。",
      "系统与设备用接口密钥：向本区系统管理员申请，密钥只显示一次，代表一个岗位（角色、部门、区域），到期失效。每个请求带 `Authorization: Bearer key_….…`。",
    ],
    firstCall,
    session: [
      "人员用会话：登录得到 Cookie；启用动态口令的，再提交一次动态口令。写操作另带 `X-CSRF-Token`，值为会话的 `csrf`。",
    ],
    sessionCall,
    aboutProblems: [
      "错误是 RFC 9457 的 `application/problem+json`。`code` 供程序判断，永不改变；`title`、`detail` 是中文，带 `Accept-Language: en` 则为英文；两种语言的全文另在 `zh`、`en` 中。`errors` 逐条指出请求体的位置（`pointer`）或参数（`parameter`）。`instance` 是请求编号，报障时请提供。",
      "读取个人信息须有目的（`purpose`）和法律依据（`basis`），可用的值见 `GET /api/v1/words`；每次读取都先记入本人的留痕，再给出答复。401 需要登录，403 不允许，404 没有或不在您的区域，409、412 与现状冲突，429、503 请按 `Retry-After` 稍后再试。",
      "写操作可带 `Idempotency-Key`：一天之内重复发送只执行一次。列表分页：把上一页的 `next` 作为 `cursor`。",
    ],
  },
  en: {
    lang: "en",
    title: "Zhili's interface",
    workbench: "Workbench",
    other: { href: "/reference/", lang: "zh-CN", name: "中文" },
    contents: "Contents",
    begin: "To begin",
    schemas: "Schemas",
    problems: "Problems",
    name: "Name",
    type: "Type",
    note: "Note",
    place: "In",
    required: "required",
    parameters: "Parameters",
    body: "Request body",
    example: "Example",
    otherwise: "Any other status",
    who: "Authentication",
    id: "Id",
    open: "none",
    or: " or ",
    schemes: { session: "session (cookie)", key: "key (bearer)" },
    places: { path: "path", query: "query", header: "header", cookie: "cookie" },
    introduction: [
      "This page is made from the server's contract (OpenAPI 3.1), the one by which the server checks each request. The workbench and the phone page use nothing else.",
      "Systems and devices call with a key: an administrator issues it, it is shown once, stands for one post (a role, in a department, for an area), and ends. Each request carries `Authorization: Bearer key_….…`.",
    ],
    firstCall,
    session: [
      "People have a session: signing in sets a cookie; where a second factor is set up, its code is given next. Writes carry `X-CSRF-Token` too, the session's `csrf`.",
    ],
    sessionCall,
    aboutProblems: [
      "Errors are `application/problem+json` (RFC 9457). `code` is for programs and never changes; `title` and `detail` are Chinese, or English by `Accept-Language: en`; `zh` and `en` say it in both. `errors` names each place in the body (`pointer`) or parameter. `instance` is the request's number: name it when you report.",
      "Personal data are read under a purpose and a legal basis; `GET /api/v1/words` lists them. Each read stands in the subject's own ledger before it is answered. 401: sign in. 403: not allowed. 404: not there, or outside your area. 409, 412: it clashes with what is there. 429, 503: try again after `Retry-After`.",
      "A write may carry `Idempotency-Key`: sent again within a day, it happens once. Lists come a page at a time: `next` of one page is `cursor` of the next.",
    ],
  },
};
