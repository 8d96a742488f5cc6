using System.Collections;
using CiliumLab.Engine.Cilium;

namespace CiliumLab.PowerShell.Completion;

/// <summary>Completes with the keys of Cilium's ConfigMap.</summary>
public sealed class CiliumConfigKeyCompleter : ClusterFactCompleter
{
    private protected override (string Fact, ClusterFactSource Source) Question(IDictionary boundParameters) => ("cilium-config", CiliumConfig.KeysAsync);
}
