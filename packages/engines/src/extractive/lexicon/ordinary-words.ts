// Everyday words of both languages. A passage may well put them otherwise, so that a question about a way or a reason is
// not refused because of one; where a definition is asked they matter. Words for facts (price, year, owner, version) and
// names of things in our field are missing on purpose: whoever asks for those wants just those.

import { comparedForms, regularForms } from "./word-forms.ts";

const verbs =
  "abandon accept accompany accomplish accumulate accuse acknowledge acquire adapt address admit adopt advance advise afford agree alert alter amend " +
  "amplify announce annoy answer anticipate apologise appreciate approve argue arrange arrive ask assemble assert assess assign assist associate assume " +
  "assure attack attain attempt attend attract automate avoid await balance ban bear beat beg bend bet bind bite blame blend block blow boost borrow " +
  "bother bounce break breathe brush burn burst bury bypass calculate cancel capture care catch celebrate challenge chase cheat choose claim " +
  "clarify clean clear climb cling close coincide collapse collect collide combine comfort command comment commit compensate compete compile complain " +
  "compose compress compromise compute concentrate concern conclude conduct confirm confuse connect consist constrain construct consult consume contact " +
  "contradict contribute convince cook cooperate coordinate cope copy correlate correspond corrupt count crack crawl creep cross crowd cry cure " +
  "customise customize damage dare decline decompose decorate decrease dedicate deduce defeat defend defer degrade delay delegate deliver demand " +
  "demonstrate deny depart derive deserve desire destroy detach detect deteriorate develop deviate devote diagnose dictate die dig diminish dip disable " +
  "disagree disappear disappoint discard discharge disconnect discourage discuss disguise dismiss display dispose distinguish distort distribute disturb " +
  "dive dominate double doubt drag drain draw dream dress drift drink drive drown dry duplicate earn eat echo educate elaborate elect embrace emerge emit " +
  "emphasise employ empty encounter encourage endure enforce engage enhance enjoy enlarge enrich enter entertain equip erase escape estimate evaluate " +
  "evolve examine exceed exchange exclude excuse execute exercise exhaust exhibit exit expand expire explode exploit explore expose extend extract fade " +
  "favour favor fear feed fetch fight fill filter finance flag flash flip float flood flow fly focus fold fool forbid forecast forget forgive form " +
  "formulate foster freeze frighten fulfil gather generalise generalize generate glance grab grade grant grasp greet grip guarantee guard guess guide " +
  "hang harden harm hate heal hear heat hesitate hide highlight hire hit hope host hunt hurry hurt ignore illustrate imagine imitate impact imply import " +
  "impose impress incorporate incur indicate infer inform inherit inhibit initiate inject inspect inspire instruct insult insure integrate intend " +
  "interact interfere interpret interrupt intervene invent invest investigate invite isolate join joke judge jump justify kick kill kiss knock label lack " +
  "land last laugh launch lay lean learn lend lie lift lighten link listen load locate lock log maximise maximize measure meditate melt memorise memorize " +
  "mention merge mimic mind minimise minimize mirror miss mitigate mix modify motivate mount multiply narrow negotiate nominate note observe obey " +
  "object oblige obtain offend omit open oppose order organise originate oscillate outperform outweigh overcome overlap overload oversee overwhelm owe " +
  "own pack paint park participate partition paste pause pay peak perceive permit persist persuade pile point poll pop possess post postpone pour " +
  "practise pray preach precede predict prescribe present preserve press presume pretend prevail print probe proceed proclaim progress prohibit prolong " +
  "promise promote pronounce propagate propose prosper protest provoke prune publish pull pump punish purchase pursue push question quit quote race reach " +
  "react read realise realize reason rebuild recall recognise recognize reconcile record recover recruit recur recycle redirect redo refine reflect " +
  "reform refresh refuse regain regard regret regulate reinforce rejoin relax relay relieve reload relocate remark remember remind render renew rent " +
  "reopen repair repeat report reproduce request rescue research resemble reserve reshape reside resign resist respect respond rest restart restore " +
  "restrict resume retain retire retreat reveal reverse revert review revise reward rewrite rid ride ring risk roll rotate rub ruin rush " +
  "sacrifice satisfy save scan scare scatter score scratch scream seal search secure seek segment seize sell sense serve shake shape share " +
  "shelter shift shine shoot shorten shout shrink shut sigh simplify simulate sing sink sit skip sleep slice slide slip slow smell smile smooth snap " +
  "soften sort sound spare spark speak specialise specialize specify spend spill spin split spoil sponsor spot spray squeeze stabilise stabilize stack " +
  "stage stall stare state steal steer stem stick stimulate stir strengthen stress stretch strike strip strive struggle study stuff substitute " +
  "subtract succeed summarise summarize supplement supply suppress surprise surrender surround survive suspect suspend sustain swallow swap swear sweep " +
  "swim swing switch sync synchronise synchronize tackle talk tap taste teach tear tempt tend terminate thank think threaten throttle throw tie " +
  "tolerate touch tour track trade transfer transform translate transmit transport trap travel trick trigger trim trouble trust tune twist undergo " +
  "undo unify unite unlock update upset urge utilise utilize vanish vary verify visit wake walk wander warn wash waste watch weaken wear weigh welcome " +
  "whisper win wind wipe wish withdraw withstand worry wrap yield";

const qualities =
  "absolute abstract abundant acceptable accessible accurate active acute additional adequate adjacent aggressive alive alternative amazing ambiguous " +
  "ancient angry annual anxious apparent applicable arbitrary asleep attractive automatic awful awkward beautiful bitter blank blind bold boring brave " +
  "brief bright brilliant broad broken busy calm careful careless casual cautious central chaotic cheap clever clumsy coarse cold comfortable compact " +
  "comparable compatible competitive comprehensive compulsory concise concrete confident confidential conscious consecutive conservative considerable " +
  "consistent constant contemporary continuous controversial convenient conventional convincing cool costly crazy creative critical crucial cruel curious " +
  "customary damp dead deaf decent dedicated deep deliberate delicate dense desirable desperate detailed determined dirty disabled distant distinct " +
  "dominant doubtful dry dual dull dumb eager early elastic elegant eligible empty endless enormous equal equivalent eventual evident exclusive exotic " +
  "expensive explicit external extra extraordinary extreme faint fair faithful fake familiar famous fantastic fashionable fast fatal faulty favourable " +
  "feasible final finite firm fixed flat flawless flexible foreign formal former fortunate fragile frequent fresh friendly frozen functional fundamental " +
  "funny fuzzy genuine gentle gigantic glad global gradual grand grateful guilty handy happy harsh healthy heavy hidden hollow honest horizontal horrible " +
  "hostile hot humble hungry identical illegal immediate immense impossible impressive inaccurate inactive inappropriate incomplete inconsistent " +
  "incorrect incredible independent indirect inevitable inferior infinite informal inherent initial inner innocent insecure inside insufficient intact " +
  "intelligent intense intentional interested interesting interim intermediate internal invalid invisible irregular irrelevant joint junior keen late " +
  "lazy leading lean legal legitimate lengthy lightweight limited linear live lively local logical lone lonely loose loud lovely loyal lucky mad magic " +
  "malicious mandatory manual marginal massive maximal maximum mean meaningful mere mild minimal minimum minor miserable missing mixed mobile moderate " +
  "modest monthly moral multiple mutual mysterious naive narrow nasty nearby neat negative neutral nervous nonstop novel numerous obsolete obvious " +
  "occasional odd offline online opposite optimal optional outdated outer outstanding overall overdue painful pale parallel partial passive patient " +
  "peaceful peculiar permanent physical plain plausible pleasant polite positive precious precise preferable preliminary premature present pretty prime " +
  "principal prior private proactive probable productive profitable profound progressive prominent promising prompt proportional proud public pure random " +
  "rapid rare rational raw reactive realistic recent redundant relative reliable reluctant remote repeated repetitive representative respective " +
  "restricted rich rigid ripe robust rough round routine rude rural sad safe scalable scarce scattered secret secure seldom selective senior sensible " +
  "sensitive sequential severe shallow sharp shiny shy sick silent silly simultaneous sincere skilled slight slim slow smart smooth soft sole solid " +
  "sophisticated sour spare sparse spatial spontaneous square stable stale static statistical steady steep sticky stiff still strange strategic strict " +
  "stubborn stupid subsequent substantial subtle sudden sufficient superior surprised suspicious sustainable sweet swift symmetric systematic tall " +
  "tangible technical temporary tender tense terrible thick thin thorough tidy tight tiny tired total tough toxic transparent tremendous trivial twin " +
  "ugly ultimate unable unacceptable unavailable unaware uncertain unclear undefined unequal unexpected unfair unfamiliar unfortunate unhappy uniform " +
  "unique universal unknown unlikely unlimited unnecessary unpredictable unreliable unseen unsafe unstable unused unusual unwanted upcoming upper urgent " +
  "usable vague vain valid variable vast verbal vertical viable vicious violent visible visual vivid voluntary vulnerable warm wasteful weekly weird wet " +
  "wild willing wooden worldwide worried worse worst worthless worthy young";

const nouns =
  "engineering health check value experiment design draft drawback downside pitfall limitation server machine host dataset customer domain fail job production accuracy output handle document beginner chatbot abuse accent accident accuracy achievement activity addition advance advice agreement aid alarm alternative analogy anger angle anxiety appearance " +
  "appetite argument arrangement arrival aspect assistance assumption attempt attitude authority background badness barrier beginning being belief blame " +
  "body border bottom brain breath brief brush burden calculation calm camera capability care carelessness category challenge chaos characteristic charge " +
  "choice chunk circle clarity clash classification client clue coincidence collaboration colleague collection colour combination comfort comment " +
  "commitment community comparison competition complaint complexity component compromise concern conclusion conduct conflict confidence confusion " +
  "connection consideration consistency constraint construction consumption contact contrast contribution convenience conversation cooperation copy core " +
  "corner correction corruption couple coverage craft creation crisis criterion criteria criticism crowd curiosity curve customer damage danger darkness " +
  "deadline death debate decision decline defect defence defeat definition delay delivery demand department dependency depth desire destination " +
  "destruction detection determination development device diagram difficulty dimension direction disadvantage disaster discipline discovery discussion " +
  "disease disorder display dispute disruption distance distribution disturbance division domain door doubt downside draft drawback dream drop duration " +
  "duty ease edge education efficiency element emergency emphasis enemy energy engagement enthusiasm equality escape essence estimate evaluation evidence " +
  "evolution exam exception excess exchange excitement excuse execution exercise existence expansion expectation expense expert exposure expression " +
  "extension extent eye face failure faith fall fame family fashion fate favour fear feedback fight figure finding finger fire fit flaw flexibility " +
  "flight flood flow focus food force format foundation fragment framework freedom frequency friend front fun gap gate general generosity gesture glance " +
  "grade guarantee guess guest guidance guide guilt habit half hall handling happiness harm harmony haste head headroom health heart heat height help " +
  "hesitation hint hole hope horror hurry hypothesis illusion imagination impact importance impression improvement incentive inconvenience indication " +
  "individual influence initiative injury innovation inquiry insight inspection inspiration instruction intensity interaction interest interpretation " +
  "interruption intervention intuition invention investigation isolation judge judgement knowledge laboratory lack landscape laughter leader leadership " +
  "length lesson lie light likelihood limit limitation line link list listener literature loss love luck maintenance majority malfunction maximum meeting " +
  "membership mess middle mind minimum minority mirror misery mission mistake misunderstanding mix mixture mood motion motivation motive movement mystery " +
  "narrative necessity neck neighbour noise norm nothing nonsense nuance nurse objection obligation observation obstacle odds offer opinion opportunity " +
  "opposite optimism origin outage outcome outlook output overhead overlap overview pace pain pair panic paradox paragraph participation partner passage " +
  "passion past patience pattern pause peace peak penalty perception perfection period permission person perspective phase phenomenon phrase piece " +
  "pitfall plan pleasure portion possibility potential practice praise precaution preference preparation presence pressure prevention pride principle " +
  "prison privilege procedure production profit progress promise proof proportion proposal protection protest punishment purchase pursuit puzzle quality " +
  "quantity quarrel quest race rage rain range rank ratio reaction readiness reality realm rear reception recognition recommendation recovery reduction " +
  "reflection refusal regard regret rejection relief reluctance remark reminder removal repair repetition replacement reply reputation requirement rescue " +
  "resistance resolution respect responsibility rest restriction return reverse review revolution reward rhythm ride risk rival road roof room root " +
  "routine row ruin rumour rush sacrifice safety sake satisfaction scene scheme school science scope score search season seat second section " +
  "segment selection self sentence separation sequence series setup shadow shame shape share shelter shift shock shortage shortcut shot shoulder show " +
  "sight sign silence similarity skill slice slot smell smile society soil sorrow soul sound space spare speech spirit spot square stability staff stage " +
  "stake stand start statement station statistic status stay stick stone stop storm story stranger strategy strength stress strike string stroke struggle " +
  "study stuff substance success suffering suggestion summary summit supply support surface surprise surrounding survey suspicion sweat symbol sympathy " +
  "symptom talent tale talk taste tension terms territory terror theme theory thief thought threat thrill threshold tip tone tongue touch tour trace " +
  "trade tradition transition transport trap treatment trend trial trick trip trouble trust truth turn twist uncertainty unit unity upside usefulness " +
  "utility vacuum validity variation variety vehicle victim victory view vision visit visitor voice vote wait walk wall warning waste wave weakness " +
  "wealth week weekend weight welfare whole willingness wind winner wisdom wish wonder wood worker workload worry wound writer writing zone";

const irregularForms =
  "became began begun bought broke broken brought built came caught chosen chose drove driven done fell fallen felt fought found flew forgot forgotten " +
  "gave given grew grown held hid hidden kept knew known laid led left lent lost made meant met paid ran rode risen rose said sat saw seen sent " +
  "shown shook slept sold spent spoke spoken spun stood stuck struck swapped taught took taken thought threw thrown told understood went gone woke won wore written wrote " +
  "none without myself yourself ourselves himself themselves year years month months week weeks day days hour hours minute minutes night tonight morning " +
  "evenly lots bunch loads tons couple folks guys dude bloke yeah yep nope kinda sorta gonna wanna gotta dont doesnt isnt cant wont didnt im ive whats hows thats theres lets " +
  "ugh wow sorry cheers ta pls plz thx btw diff tradeoff tradeoffs trade-off till yet towards already oddly annoying painful weirdly decent sensible handy tiny huge massive " +
  "rubbish awful terrible horrible great awesome nice";

const ordinaryChinese =
  "危害 缺点 坏处 优缺点 局限 局限性 损失 收益 固定 稳定 分层 拦截 安排 测量 记录 区分 防御 占用 说明 共用 记住 计算 分组 打包 组织 编写 打分 追踪 检测 检查 传递 处理 识别 " +
  "发现 恢复 修改 响应 接收 发送 读取 写入 执行 触发 拒绝 丢弃 等待 超过 超出 满足 依赖 下游 上游 崩溃 出错 失败 危险 风险 后续 必须 额外 本质 核心 关键 完整 真实 有害 " +
  "不良 合法 随机 自动 手动 重复 重新 频繁 突然 提前 余量 琐事 规则 标准 情形 场所 思考 学会 看懂 听懂 认识 掌握 攻击 保护 预测 归类 存储 共享 交换 连接 切换 更换 替换 " +
  "替代 衡量 挑战 困难 麻烦 弊端 代价 前提 区域 范围 程度 关联 联系 对待 看待 看到 面临 遇到 碰到 最优 最佳 最大 最小 最多 最少 最高 最低 最好 最坏 最快 定期 及时 尽快 " +
  "立即 马上 随时 外部 内部 外面 表面 底层 上层 整体 局部 单独 独立 统一 一致 相同 相似 类似 相反 相关 无关 有关 准确 精确 正常 异常 特殊 普通 传统 现代 先进 落后 复杂 " +
  "简便 快速 迅速 缓慢 高效 低效 便宜 昂贵 免得 以免 省 节省 浪费 消耗 花费 充足 不足 缺少 缺乏 缺失 丢失 遗漏 遗忘 忘记 忽略 忽视 注意 重视 关注 关心 担心 害怕 相信 信任 " +
  "怀疑 确认 验证 证明 表明 表示 代表 反映 体会 感觉 觉得 认为 以为 希望 期望 打算 计划 准备 尝试 试 试图 努力 坚持 放弃 接受 承受 承担 分担 分享 参与 加入 退出 进入 离开 " +
  "返回 到达 靠近 远离 经过 穿过 跨 跨越 绕过 跳过 超时 排队 插队 让路 挤 堵 堵塞 拥堵 卡 卡住 卡顿 断 断开 断掉 中断 打断 打扰 干扰 妨碍 阻碍 阻止 禁止 允许 批准 吸收 " +
  "释放 占 占据 腾出 填 填满 清空 清除 清理 整理 收拾 收集 搜集 汇总 合并 合起来 分开 分离 拆开 拆解 组合 混合 叠加 积累 累积 堆积 增长 上升 下降 下跌 波动 起伏 变动 调整 " +
  "调节 适应 迁就 大量 少量 部分 一半 一般化 具体化 形式化 彻底 完全 充分 适当 过度 过多 过少 过于 极其 非常 十分 特别 尤其 几乎 大概 大约 可能性 机会 概率 运气 巧合 偶然 " +
  "必然 当然 显然 毕竟 尽管 虽然 即使 哪怕 无论 不管 除了 除非 只要 一旦 直到 自从 随着 由于 鉴于 至于 关于 为止 以上 以下 以内 以外 左右 前后 内外 其余 剩余 剩下 多余 " +
  "后果 下场 结局 起因 根源 源头 来源 出处 依据 根据 人工 人为 人类 个人 别人 他人 对方 双方 各方 一方 专家 新手 老手 同事 领导 老板 员工 成员 角色 身份 地位 位置 地方 " +
  "地点 场地 环境 背景 条件 气氛 习惯 经验 教训 知识 常识 学问 道理 真相 事实 非 单一 双重 多重 多种 多样 一定 合成 组合成 效应 加快 减慢 放慢 缩小 扩大 缩短 延长 加强 " +
  "减弱 削弱 增强 强化 弱化 优化 简化 细化 深化 美化 转化 转换 转变 转移 转为 化为 当作 当成 看成 视为 作为 成为 构成 形成 制作 制造 建造 搭建 构建 组建 建设 设计 设想 " +
  "规划 策划 布置 布局 摆放 排列 按顺序 顺序 次序 先后 步调 节奏 速度 速率 频率 快慢 早晚 长短 大小 轻重 高低 好坏 优劣 多少 强弱 难易 深浅 宽窄 开展 展开 推进 推动 推行 " +
  "推广 普及 流行 兴起 出来 起步 入门 上手 熟悉 精通 擅长 善于 专门 专业 业余 日常 平时 常常 经常 往往 偶尔 有时 有时候 总会 从来 从不 永远 暂时 临时 长期 短期 近期 最近 " +
  "以往 过去 将来 未来 目前 当前 眼下 当下 此时 此刻 那时 届时 有效 无效 有益 有利 不利 有用 无用 管用 可行 不可行 能够 不能 无法 没法 难以 易于 便于 利于 用不着 不必 不用 " +
  "何必 必要性 紧急 急需 迫切 强制 自愿 主动 被动 积极 消极 直接 间接 明显 清楚 清晰 模糊 含糊 抽象 具体 形象 生动 直观 准时 按时 人员 机器 设备 仪器 工具 材料 资料 素材 " +
  "样子 模样 外观 外形 形状 结构 体系 框架 轮廓 大纲 提纲 目录 清单 表格 图形 曲线 文件 文章 段落 句子 词语 词汇 名称 名字 称呼 符号 标志 记号 编号 号码 数字 数值 数目 " +
  "总数 总量 总共 一共 合计 比例 占比 百分比 差距 差值 误差 偏差 动作 行为 操作 举动 活动 事项 项目 工程 课题 话题 主题 议题 要点 重点 难点 关键点 细节 环节 过程中 中途 " +
  "途中 期间 时期 时刻 瞬间 片刻 周期 时长 时限 期限 寿命 年限 成功 胜利 顺利 失误 失灵 失效 失控 失去 丧失 损坏 破坏 毁坏 坏掉 坏了 出问题 有问题 毛病 漏洞 隐患 威胁 危机 " +
  "灾难 意外 突发 爆发 引发 引起 诱发 促使 促进 迫使 驱动 带动 拉动 影响力 作用力 效力 功效 成效 成果 收获 回报 感染 传播 扩散 蔓延 扩展到 波及 牵连 连累 拖累 拖慢 拖垮 " +
  "压垮 压力 负担 负荷 承载 支撑 支持 扶持 帮助 协助 辅助 配合 协作 合作 协同 协调 沟通 交流 对话 谈话 讨论 商量 协商 谈判 争论 争议 冲突 矛盾 对立 对抗 抵抗 抵御 抵消 " +
  "消除 消灭 根除 杜绝 排除 剔除 去掉 去除 除去 抹去 值 值不值 划算 合算 实惠 经济 节约 省钱 省时 省力 费时 费力 麻烦事 复杂度 难度 高度 广度 宽度 厚度 密度 强度 力度 " +
  "功能上 本身 自身 自己 自我 各自 彼此 互相 相互 双向 单向 来回 往返 反复 多次 多回 屡次 再次 重来 重做 复制 拷贝 粘贴 备选 候选 首选 优先 优先级 次要 主次 给出 给予 赋予 " +
  "授予 交给 递给 送给 发给 分给 留给 留下 保留 保住 保持 维持 维修 修理 修补 修正 修复 更正 改正 改进 改造 改写 改为 改用 换成 换用 替补 补充 补足 补偿 弥补 追加 附加 " +
  "添加 插入 载入 装入 放入 存入 写进 读出 取出 取得 取回 拿走 带走 移走 移动 移开 挪动 搬 搬运 搬家 搬走";

const furtherChinese =
  "靠 换 发 拉 推 存 抓 跑 读 改 装 连 停 等 管 分 合 算 查 补 收 送 打 开 关 调 学 教 答 听 走 跳 逐 顶 扛 挡 拦 限 搭 串 堆 叠 压 缩 涨 降 升 减 增 耗 " +
  "花 费 抢 争 排 层 轮 遍 点 项 头 口 字 句 页 步 份 组 批 台 块 段 条 路 端 面 边 侧 处 名 群 堂 错 准 够 超 满 空 缺 丢 死 活 老 久 远 近 深 浅 早 晚 " +
  "负 定 设 配 建 造 修 搞 弄 整 挪 拼 凑 吃 喂 塞 吐 蹦 冒 漏 藏 露 盯 记 忘 猜 认 信 怕 防 躲 挨 撞 碰 催 拖 崩 垮 倒 塌 炸 爆 烧 刷 翻 滚 转 绕 卷 穿 " +
  "越 进 退 返 归 拿 取 接 交 递 扔 扫 抽 拔 插 贴 盖 包 裹 捆 绑 锁 松 紧 稳 乱 急 闲 累 贵 赚 亏 赔 总 共 第 号 倍 半 双 两 三 四 五 六 七 八 九 十 百 " +
  "千 万 亿 既 却 仍 即 则 均 皆 便 至 将 曾 已 未 勿 莫 本 此 谓 式 型 性 度 率 量 力 法 者 员 家 界 级 版 期 并且 此外 另外 除此之外 然而 不过 可是 否则 从而 " +
  "因而 既然 不仅 不但 甚至 比如 诸如 等等 之类 总之 反正 况且 何况 假设 倘若 要是 万一 即便 就算 不论 与其 宁可 只好 只能 只得 不得不 不妨 不如 还要 还能 也能 就是 就能 " +
  "才能 都能 都是 算是 就算是 正是 正好 恰好 刚好 刚才 刚刚 已经 曾经 正在 仍然 依然 依旧 照样 照常 终于 最终 最后 起初 最初 原本 原来 本来 首先 其次 接着 随后 然后 后来 " +
  "将会 快要 即将 马上就 忽然 逐渐 逐步 渐渐 慢慢 慢慢地 一步步 一点点 越来越 越多 越少 越好 越大 越小 越高 越久 更多 更少 更大 更小 更高 更低 更难 更容易 更合适 更可靠 更准 " +
  "更稳 更划算 太多 太少 太大 太慢 太长 太久 好多 很多 很少 很大 很小 很长 很久 很难 很容易 好几 几种 几类 几步 几层 几次 几份 几百 几千 几十 上百 上千 成百上千 无数 若干 " +
  "诸多 众多 不少 多数 少数 大多 大多数 绝大多数 一大堆 一堆 一批 一组 一套 一系列 一连串 连串 一串 一条 一句 一份 一层 一块 一点 一点儿 一会儿 一遍 一回 一次 一次性 一口气 " +
  "一个个 一个一个 逐个 逐一 依次 轮流 分批 各有 全都 统统 通通 一律 一并 一块儿 同样 同一 同一个 同一台 同一份 不一 有别 放心 安心 省心 省事 费劲 吃力 轻松 放松 头疼 心烦 " +
  "烦人 讨厌 倒霉 尴尬 离谱 夸张 奇怪 莫名其妙 乱七八糟 靠谱 可靠 稳妥 稳当 保险 妥当 恰当 得当 合意 划得来 值当 白费 白白 白干 徒劳 干等 傻等 干活 办事 做事 出事 惹事 闹 " +
  "吵 骂 怪 赖 怨 甩锅 背锅 顶住 撑住 扛住 守住 稳住 拖住 绊住 锁住 盖住 挡住 拦住 堵住 卡死 挂死 卡壳 出毛病 出岔子 出故障 翻车 搞砸 搞坏 弄坏 弄丢 弄错 搞错 做错 写错 " +
  "看错 猜错 答错 认错 记错 算错 点错 走样 走偏 跑偏 偏离 偏向 发出 发出去 发到 发回 寄 寄出 再发 重发 重传 传到 传过来 传过去 传回 拿到手 拿出 拿出来 拿去 取走 找来 找回 " +
  "找回来 找不到 找不着 搜到 查到 查出 查看 查清 看见 看不见 看不到 看不出 看出 看出来 看清 看上去 看起来 听起来 听上去 说出 说出来 说清 说清楚 说不清 讲清楚 弄清 弄清楚 搞清 " +
  "搞定 解决掉 处理掉 处理完 做完 跑完 写完 读完 用完 等完 等到 等候 等一等 等不及 耐心 赶紧 赶快 抓紧 尽早 尽量 尽可能 尽力 最好是 最怕 最常见 最常用 最重要 最关键 最起码 " +
  "起码 至少 至多 顶多 最多能 不超过 不到 不足以 足够 足以 够用 不够 不够用 用不上 用不了 用得上 用得着 派上 派上用场 发挥 体现出 展现 呈现 呈现出 显得 算得上 称得上 谈不上 " +
  "责任 职责 义务 权利 本分 分内 分工 分配给 交由 由谁 归谁 轮到 归属 负责人 主管 上级 下级 部门 小组 团队里 公司里 我们组 我们这 同行 大伙 大家伙 身边 周围 旁边 附近 当中 " +
  "里头 外头 后头 前头 上头 底下 背后 面前 眼前 跟前 两边 两端 两头 一头 一端 一侧 另一边 另一端 另外一个 对面 对端 那边 这边 那头 这头 哪边 哪头 到处 处处 四处 各处 别处 " +
  "防线 关卡 门槛 瓶颈 短板 长处 短处 软肋 要害 命门 窍门 诀窍 门道 套路 招数 招 妙招 手法 做法 打法 写法 用法 说法 叫法 看法 想法 讲法 思路 思想 思维 理念 观念 观点 立场 " +
  "态度 眼光 初衷 用意 意图 本意 含意 寓意 比喻 打比方 类比 好比 犹如 如同 相当于 等同 等同于 等于 类似于 近似 接近 贴近 靠拢 增多 减小 变多 变少 变高 变低 变长 变短 变好 " +
  "变坏 变强 变弱 变重 变轻 变贵 变便宜 变得 变样 变化大 忽高忽低 忽快忽慢 时好时坏 时快时慢 来得及 来不及 跟上 跟不上 赶上 赶不上 超前 提早 推迟 延后 拖延 耽误 耽搁 延误 合进 " +
  "合到 合进去 并入 并进 放进 放到 放上 放回 塞进 塞到 塞进去 装进 装到 装上 装好 加进 加进去 加到 加大 加多 加重 填进 写到 写好 存成 存到 存好 存放在 保存到 换到 换掉 换了 " +
  "改成 改到 改好 改完 改动 改掉 删掉 删除掉 删去 扔掉 丢掉 丢弃掉 甩掉 关掉 关上 开着 停掉 停住 停下 停下来 拉起 拉起来 拉回 拉到 跑起来 跑到 跑通 跑着 动起来 转起来 连起来 " +
  "连上 连到 连不上 接上 接到 接入 接进 对接 对上 对得上 对不上 配上 配好 配合好 搭配 搭起来 建好 建成 建起 实际 实际上 事实上 说白了 换句话说 简而言之 简言之 总的来说 一般来说 " +
  "通常来说 理论上 原则上 本质上 根本上 表面上 名义上 技术上 逻辑上 数一数 比一比 试一试 想一想 看一看 说一说 讲一讲 谈一谈 聊一聊 问一问 学一学 查一查 改一改 等一下 看一下 说一下 " +
  "讲一下 有啥 没啥 干啥 啥样 咋样 咋办 咋整 咋回事 咋弄 多咱 甭 别的 啥的 神马 原先 当初 当年 早期 早先 早年 现今 当代 今天 明天 昨天 每天 每周 每月 每年 半天 整天 白天 " +
  "晚上 夜里 半夜 凌晨 周末 节假日 上午 下午 早上 几天 几小时 几分钟 几秒 小时 分钟 秒 毫秒 星期 礼拜 天数 举例 举例子 列举 列出 罗列 归纳 概括 总结 小结 汇报 报告 展示出 " +
  "描绘 刻画 形容 阐述 论述 叙述 讲述 谈论 提及 所说 所谓的 号称 俗称 统称 全称 英文 中文 翻译 直译 字面 字面上 真正 真正的 真是 确实 的确 果真 果然 居然 竟然 难道 莫非 " +
  "究竟是 到底是 是不是真 天然 天生 先天 后天 人造 自然 用户量 人数 人手 人力 个体 群体 大众 公众 外人 外行 内行 行家 高手 老人 新人 小白 读者 听众 观众 聪明 笨 傻 智商 " +
  "本事 本领 能耐 能力强 水平 档次 等级 级别 层次 宽松 严格 严厉 苛刻 灵活 死板 呆板 僵硬 顺畅 流畅 通畅 畅通 连贯 断续 断断续续 过程当中 整个过程 全过程 全程 全流程 一整套 " +
  "一整个 整套 整块 整段 整份 整篇 整页 整台 干净 脏 整齐 有序 无序 混乱 凌乱 杂乱 零散 零碎 散乱 集中 分散 散落 背地里 幕后 内幕 奥秘 秘密 玄机 优 劣 利 弊 利弊 得失 " +
  "好与坏 优点和缺点 长短处 进展 进度 进程中 走向 趋势 动向 苗头 迹象 征兆 预兆 信号";

const furtherEnglish =
  "besides dozen dozens hundred hundreds thousand thousands million millions billion billions ahead altogether beforehand elsewhere forever " +
  "forward further furthermore hardly indeed likewise meanwhile merely namely neither nonetheless notably nowhere overnight plus somehow " +
  "somewhat somewhere straight thereby therefore though throughout whatever whenever wherever whichever although albeit unlike amid beneath " +
  "below above beside plenty handful fewer lesser latter alike afterwards afterward backwards upfront onward four five six seven eight nine ten " +
  "eleven twelve fifteen twenty thirty forty fifty sixty seventy eighty ninety third fourth fifth excellent superb wonderful messy puzzling " +
  "scary frightening simpler simplest straightforward tricky expected intended unintended planned unplanned required undone ours theirs yours " +
  "mine hers ought giving gives telling knows happened anytime sometime everytime alright deliberately accidentally intentionally honestly " +
  "literally frankly currently previously originally initially finally eventually gradually slowly rapidly suddenly instantly promptly " +
  "constantly continually regularly occasionally pieces bits lump heap centre center headstart kickstart workaround hack gimmick gotcha caveat " +
  "snag hurdle folk coworker teammate chief newbie newcomer veteran neighbor audience straightaway asap sooner earlier latest ends ended ending " +
  "beginnings pushes pushing pulled pulling shoves throws turns turned afar";

/** Words that a passage may well put otherwise, in lower case, the English ones in all their regular forms. */
export const ordinaryWords: ReadonlySet<string> = new Set([
  ...`${ordinaryChinese} ${furtherChinese}`.split(" "),
  ...furtherEnglish.split(" ").flatMap(comparedForms),
  ...irregularForms.split(" "),
  ...`${verbs} ${nouns}`.split(" ").flatMap(regularForms),
  ...qualities.split(" ").flatMap(comparedForms),
]);
