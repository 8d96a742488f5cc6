using CiliumLab.Engine.Cni.Helm;

namespace CiliumLab.Engine.Cni;

/// <summary>The values that a CNI is to be installed with, and what people are likely to stumble on.</summary>
/// <param name="Values">The values.</param>
/// <param name="Warnings">What may go wrong, each with what to do about it.</param>
internal sealed record CniPlan(HelmValues Values, IReadOnlyList<string> Warnings);
