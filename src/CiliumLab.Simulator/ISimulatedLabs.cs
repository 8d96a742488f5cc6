using CiliumLab.Engine.Providers;

namespace CiliumLab.Simulator;

/// <summary>Simulated labs in one place: in this process, or each in one of its own.</summary>
internal interface ISimulatedLabs : ILabProvider, ILabFaults, ILabSnapshots;
