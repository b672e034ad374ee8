import * as m from "@flyball/core/manifest";
console.log(m.renderDocs(process.argv[2], "en")); console.log(m.renderDocs("ports", "zh-CN"));
console.log(m.annotatedExample()); 
