const pid = Number(process.argv[2]); const ms = Number(process.argv[3] ?? 8000);
process.kill(pid, "SIGUSR1"); await new Promise(r=>setTimeout(r,1500));
const list = await (await fetch("http://127.0.0.1:9229/json")).json() as any[];
const ws = new WebSocket(list[0].webSocketDebuggerUrl); await new Promise(r=>ws.addEventListener("open",r));
let id=0; const call=(method:string,params={})=>new Promise<any>(res=>{const my=++id; ws.addEventListener("message",function h(e:any){const m=JSON.parse(e.data); if(m.id===my){ws.removeEventListener("message",h);res(m.result);}}); ws.send(JSON.stringify({id:my,method,params}));});
await call("Profiler.enable"); await call("Profiler.setSamplingInterval",{interval:500}); await call("Profiler.start"); await new Promise(r=>setTimeout(r,ms));
const {profile}=await call("Profiler.stop"); ws.close();
const self=new Map<string,number>(); const byId=new Map(profile.nodes.map((n:any)=>[n.id,n])); const parent=new Map<number,number>(); for(const n of profile.nodes) for(const c of n.children??[]) parent.set(c,n.id);
const total=new Map<string,number>(); const name=(n:any)=>`${n.callFrame.functionName||"(anon)"} ${n.callFrame.url.split("/").slice(-2).join("/")}:${n.callFrame.lineNumber+1}`;
for(let i=0;i<profile.samples.length;i++){const d=profile.timeDeltas[i]; let n:any=byId.get(profile.samples[i]); const nm=name(n); if(/^\((idle|program)/.test(nm)) continue; self.set(nm,(self.get(nm)??0)+d); const seen=new Set(); while(n){const k=name(n); if(!seen.has(k)){seen.add(k); total.set(k,(total.get(k)??0)+d);} n=byId.get(parent.get(n.id)!);}}
const top=(m:Map<string,number>,k:number)=>[...m].sort((a,b)=>b[1]-a[1]).slice(0,k).map(([n,v])=>`${(v/1000).toFixed(0).padStart(6)} ms ${n}`).join("\n");
console.log("SELF\n"+top(self,25)+"\nTOTAL\n"+top(total,30)); process.exit(0);
