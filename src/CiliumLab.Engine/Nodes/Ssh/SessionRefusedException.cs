namespace CiliumLab.Engine.Nodes.Ssh;

/// <summary>The server did not open another session in a connection that works; nothing was sent.</summary>
internal sealed class SessionRefusedException(Exception reason) : Exception(reason.Message, reason);
